/**
 * The test nodes of the recorded server (class types starting with T): what `/object_info` says of them. They exist
 * only with `--test-nodes` and make every failure of section 5 of the protocol notes reachable by a workflow.
 */
import type { InputConfig, NodeInfo } from '../catalog.ts'

type Inputs = Readonly<Record<string, InputConfig>>

const image: Inputs = { image: ['IMAGE', {}] }
const salt: Inputs = { salt: ['INT', { default: 0 }] }

const float = (value: number, max: number): InputConfig => ['FLOAT', { default: value, min: 0, max }]
const whole = (value: number, min: number, max: number): InputConfig => ['INT', { default: value, min, max }]
const choice = (...options: readonly string[]): InputConfig => [options, {}]
const text = (config: Readonly<Record<string, unknown>> = {}): Inputs => ({
  text: ['STRING', { default: '', ...config }],
})

/** Ways in which `TFail` can fail. */
export const failureKinds = [
  'value',
  'oom',
  'oom_cudaless',
  'filenotfound',
  'keyerror',
  'runtime_shapes',
  'systemexit',
  'baseexc',
] as const

/** By class name. */
export const testNodeInfos: Readonly<Record<string, NodeInfo>> = {
  TProgress: node('TProgress', ['IMAGE'], {
    ...image,
    steps: whole(3, 1, 10_000),
    delay: float(0.05, 60),
    preview: ['BOOLEAN', { default: false }],
  }),
  TSleepNoCheck: node('TSleepNoCheck', ['IMAGE'], { ...image, seconds: float(1, 600), ...salt }),
  TFail: node('TFail', ['IMAGE'], { ...image, kind: choice(...failureKinds), ...salt }),
  TText: node('TText', ['STRING'], text({ multiline: true }), { isOutput: true }),
  TNanUi: node('TNanUi', [], { kind: choice('nan', 'numpy', 'bytes'), ...salt }, { isOutput: true }),
  TAlways: node('TAlways', [], text(), { isOutput: true }),
  TValidate: node('TValidate', [], text(), { isOutput: true }),
  TExpand: node('TExpand', ['IMAGE'], { ...image, steps: ['INT', { default: 2 }] }),
  TBlock: node('TBlock', ['IMAGE'], { ...image, message: ['STRING', { default: '' }] }),
  TPublish: node('TPublish', ['IMAGE'], image),
  TBigUi: node('TBigUi', [], { kib: whole(1024, 1, 200_000), ...salt }, { isOutput: true }),
  TAnyIn: node(
    'TAnyIn',
    [],
    {
      seed: whole(0, 0, 100),
      mode: choice('a', 'b'),
      flag: ['BOOLEAN', { default: true }],
      ...image,
    },
    { isOutput: true, optional: { mask: ['MASK', {}] } },
  ),
}

/** Classes whose result is never reused (`IS_CHANGED` is NaN). */
export const volatileClasses: ReadonlySet<string> = new Set(['TAlways'])

/** All members that `/object_info` shows, in its order. */
function node(
  name: string,
  output: readonly string[],
  required: Inputs,
  { isOutput = false, optional }: { readonly isOutput?: boolean; readonly optional?: Inputs } = {},
): NodeInfo {
  const input = optional === undefined ? { required } : { required, optional }
  const facts = {
    input,
    input_order: Object.fromEntries(
      Object.entries(input).map(([group, inputs]) => [group, Object.keys(inputs)]),
    ),
    is_input_list: false,
    output,
    output_is_list: output.map(() => false),
    output_name: output,
    name,
    display_name: name,
    description: '',
    python_module: 'custom_nodes.t_nodes',
    category: 'test',
    output_node: isOutput,
    has_intermediate_output: false,
    search_aliases: [],
  }
  return facts
}
