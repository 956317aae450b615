/** A task from form values: what `validate_settings` and `add_video_task` of `wgp.py` make of them. */
import { PythonError } from '../gradio/gradio-error.ts'
import type { Settings, Task } from '../session.ts'

/** Frames per second of the default model if `force_fps` does not say otherwise. */
const fpsDefault = 16
const stepsMax = 1000
const framesMax = 10_000
const imagesMax = 16

/** Models of the twin: base type, what they make, and the name that a user sees. */
export const models: Readonly<
  Record<string, { readonly name: string; readonly family: string; readonly output: 'video' | 'image' }>
> = {
  t2v: { name: 'Wan2.1 Text2video 14B', family: 'wan', output: 'video' },
  t2v_2_2: { name: 'Wan2.2 Text2video 14B', family: 'wan2_2', output: 'video' },
  flux: { name: 'Flux 1 Dev 12B', family: 'flux', output: 'image' },
}

/** What a task needs besides its form. */
export type TaskContext = { readonly nextTaskId: () => number; readonly randomSeed: () => number }

/** A form that cannot become a task; the message is a toast. */
export class SettingsRefused extends Error {
  readonly code = 'settings-refused'
}

/** Prompts of one form: each line is one, as `multi_prompts_gen_type` 0 says; empty lines and `#` lines are none. */
export function promptsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** Build a task. `id` is given for tasks of a queue file. */
export function taskOf(context: TaskContext, params: Settings, id?: number): Task {
  const modelType = textOf(params['model_type'])
  const model = models[modelType]
  if (modelType === '') throw new SettingsRefused("Settings must contain 'model_type'")
  if (model === undefined) throw new SettingsRefused(`Unknown model type: ${modelType}`)
  const prompt = textOf(params['prompt']).trim()
  if (prompt === '') throw new SettingsRefused('Prompt cannot be empty.')
  const [width, height] = sizeOf(textOf(params['resolution'], '832x480'))
  const seed = numberOf(params['seed'], -1)
  const isImage = model.output === 'image' || numberOf(params['image_mode'], 0) > 0
  const fps = numberOf(params['force_fps'], fpsDefault)
  return {
    id: id ?? context.nextTaskId(),
    params,
    clientId: textOf(params['client_id']),
    modelType,
    prompt,
    width,
    height,
    frames: framesOf(params['video_length'], fps),
    fps,
    steps: within(1, Math.trunc(numberOf(params['num_inference_steps'], 30)), stepsMax),
    seed: seed < 0 ? context.randomSeed() : Math.trunc(seed),
    images: isImage ? within(1, Math.trunc(numberOf(params['batch_size'], 1)), imagesMax) : 0,
  }
}

/** Frames, or seconds as `"10s"`. */
function framesOf(value: unknown, fps: number): number {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(textOf(value))?.[1]
  const frames = seconds === undefined ? numberOf(value, 81) : Number(seconds) * fps
  return within(1, Math.trunc(frames), framesMax)
}

function sizeOf(resolution: string): readonly [width: number, height: number] {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(resolution) ?? []
  if (width === undefined || height === undefined || Number(width) === 0 || Number(height) === 0) {
    throw new PythonError('not enough values to unpack (expected 2, got 1)')
  }
  return [Number(width), Number(height)]
}

function textOf(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback
}

/** A number, or a text that is one; anything else is the fallback (`force_fps` is `""`, `"auto"` or digits). */
function numberOf(value: unknown, fallback: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : fallback
}

function within(least: number, value: number, most: number): number {
  return Math.min(Math.max(least, value), most)
}
