/**
 * What the server knows about its node classes: the facts of `/object_info`, recorded from a real server without
 * descriptions and tooltips, plus option lists that are computed anew for every look, as the real server does.
 * Only classes the twin can run are listed.
 */
import { PythonFloat } from '@squall/twin-kit'
import type { Folders } from '../folders.ts'
import type { ModelFolder, Models } from '../models.ts'
import recorded from './object-info.json' with { type: 'json' }

/** `[type, config]`. A list as type is an old-style choice; `COMBO` with `options` a new-style one. */
export type InputConfig = readonly [
  type: string | readonly string[],
  config?: Readonly<Record<string, unknown>>,
]

/** One entry of `/object_info`, as far as the twin itself reads it. */
export type NodeInfo = {
  readonly input: {
    readonly required?: Readonly<Record<string, InputConfig>>
    readonly optional?: Readonly<Record<string, InputConfig>>
    /** Inputs that the server fills in itself: name to kind (`PROMPT`, `EXTRA_PNGINFO`, `UNIQUE_ID`). */
    readonly hidden?: Readonly<Record<string, string | readonly [string]>>
  }
  readonly output: readonly string[]
  readonly output_node: boolean
}

/** The classes a server offers. */
export type Catalog = {
  readonly names: readonly string[]
  /** Facts of one class with current option lists; undefined if the class is unknown. */
  readonly info: (className: string) => NodeInfo | undefined
}

/** Which folder fills which choice. */
const listedFolders: Readonly<Record<string, Readonly<Record<string, ModelFolder>>>> = {
  CheckpointLoaderSimple: { ckpt_name: 'checkpoints' },
  VAELoader: { vae_name: 'vae' },
  LoraLoader: { lora_name: 'loras' },
  LoraLoaderModelOnly: { lora_name: 'loras' },
  ControlNetLoader: { control_net_name: 'controlnet' },
  UpscaleModelLoader: { model_name: 'upscale_models' },
  UNETLoader: { unet_name: 'diffusion_models' },
  CLIPLoader: { clip_name: 'text_encoders' },
  DualCLIPLoader: { clip_name1: 'text_encoders', clip_name2: 'text_encoders' },
}

/** Largest seed. JavaScript cannot hold it as a number, so the data file has it rounded to 2^64. */
const seedMax = 18446744073709551615n

/** What else a catalog can be told. */
type CatalogOptions = {
  /** Classes beyond the stock ones. */
  readonly more?: Readonly<Record<string, NodeInfo>>
  /** Whether the files of a choice have vanished from disk. */
  readonly isGone?: (className: string, input: string) => boolean
}

/** Builds the catalog over the given models and input files. */
export function createCatalog(
  models: Models,
  folders: Folders,
  { more = {}, isGone = () => false }: CatalogOptions = {},
): Catalog {
  const stock = recorded as unknown as Record<string, NodeInfo>
  const classes = new Map(Object.entries({ ...stock, ...more }))
  return {
    names: [...classes.keys()],
    info: (className) => {
      const facts = classes.get(className)
      if (facts === undefined) return undefined
      const options = (input: string): readonly string[] | undefined => {
        const folder = listedFolders[className]?.[input]
        if (folder !== undefined) return isGone(className, input) ? [] : models.filesIn(folder)
        return input === 'image' && className.startsWith('LoadImage') ? folders.inputFiles() : undefined
      }
      return { ...facts, input: withOptions(facts.input, options) }
    },
  }
}

type Inputs = Readonly<Record<string, InputConfig>>
type OptionsOf = (input: string) => readonly string[] | undefined

function withOptions({ hidden, ...groups }: NodeInfo['input'], options: OptionsOf): NodeInfo['input'] {
  const shown = Object.entries(groups).map(([group, inputs]) => [group, spelledInputs(inputs, options)])
  return { ...(Object.fromEntries(shown) as NodeInfo['input']), ...(hidden === undefined ? {} : { hidden }) }
}

function spelledInputs(inputs: Inputs, options: OptionsOf): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, [type, config]]): [string, InputConfig] => {
      const found = options(name)
      const shown = config === undefined ? undefined : spelled(type, config)
      // A new-style choice keeps its type and has the options beside it.
      if (found !== undefined && type === 'COMBO') return [name, [type, { ...shown, options: found }]]
      return [name, shown === undefined ? [found ?? type] : [found ?? type, shown]]
    }),
  )
}

/** Numbers as Python holds them: limits of FLOAT inputs are floats, the seed limit is exact. */
function spelled(type: InputConfig[0], config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members = Object.entries(config).map(([key, value]): [string, unknown] => {
    if (type === 'COMFY_DYNAMICCOMBO_V3' && key === 'options')
      return [key, (value as Choice[]).map(spelledChoice)]
    if (typeof value !== 'number') return [key, value]
    if (value === 2 ** 64) return [key, seedMax]
    return [key, type === 'FLOAT' ? new PythonFloat(value) : value]
  })
  return Object.fromEntries(members)
}

/** One choice of a dynamic combo: a key, and the inputs it brings, which may be such choices again. */
type Choice = { readonly key: string; readonly inputs: Readonly<Record<string, Inputs>> }

function spelledChoice({ key, inputs }: Choice): Choice {
  const groups = Object.entries(inputs).map(([group, members]): [string, Inputs] => [
    group,
    spelledInputs(members, () => undefined),
  ])
  return { key, inputs: Object.fromEntries(groups) }
}
