/**
 * Which model files the twin pretends to have. They are names only; no file is read. The names come from flags,
 * so that a scenario can take a model away.
 */
import type { FlagDefinitions, FlagValues } from '@squall/twin-kit'

/** Folder names of a stock server, in its order (golden 12). Most are empty here. */
const modelFolderNames = [
  'checkpoints',
  'configs',
  'loras',
  'vae',
  'text_encoders',
  'diffusion_models',
  'clip_vision',
  'style_models',
  'embeddings',
  'diffusers',
  'vae_approx',
  'controlnet',
  'gligen',
  'upscale_models',
  'latent_upscale_models',
  'custom_nodes',
  'datasets',
  'hypernetworks',
  'photomaker',
  'classifiers',
  'model_patches',
  'audio_encoders',
  'background_removal',
  'frame_interpolation',
  'geometry_estimation',
  'optical_flow',
  'detection',
] as const

/** One of the folders. */
export type ModelFolder = (typeof modelFolderNames)[number]

/** File names by folder. */
export type Models = Readonly<Record<ModelFolder, readonly string[]>>

const defaults: Partial<Record<ModelFolder, string>> = {
  checkpoints: 'sd15.safetensors,sdxl_base.safetensors,sdxl_refiner.safetensors',
  loras: 'detail.safetensors,style.safetensors',
  vae: 'vae-ft-mse.safetensors,sdxl_vae.safetensors,ae.safetensors',
  text_encoders: 'clip_l.safetensors,t5xxl_fp16.safetensors',
  diffusion_models: 'flux1-dev.safetensors',
  controlnet: 'control_canny.safetensors,control_depth.safetensors',
  upscale_models: '4x-upscaler.pth',
  embeddings: 'easynegative.safetensors',
}

/** One flag per folder that has files, for example `--checkpoints a,b`; underscores become dashes. */
export const modelFlags: FlagDefinitions = Object.fromEntries(
  Object.entries(defaults).map(([folder, names]) => [
    flagName(folder),
    { type: 'string', description: `files in models/${folder}, comma separated`, default: names },
  ]),
)

/** Reads the lists from the flags. An empty value is an empty folder. */
export function modelsFromFlags(flags: FlagValues): Models {
  const listOf = (folder: ModelFolder): readonly string[] =>
    String(flags[flagName(folder)] ?? defaults[folder] ?? '')
      .split(',')
      .filter((name) => name !== '')
  return Object.fromEntries(modelFolderNames.map((folder) => [folder, listOf(folder)])) as unknown as Models
}

function flagName(folder: string): string {
  return folder.replaceAll('_', '-')
}
