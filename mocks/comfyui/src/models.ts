/**
 * Which model files the twin has. Most are names only, from flags. Files in the model folders of the data folder are
 * there as well: they can be deleted and damaged while the server runs.
 */
import { existsSync } from 'node:fs'
import type { FlagDefinitions, FlagValues } from '@squall/twin-kit'
import { insideFolder } from './folders.ts'
import { foldersFor, modelFilesIn } from './model-folders.ts'

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

/** The model files of a server, looked up anew each time. */
export type Models = {
  readonly folders: readonly ModelFolder[]
  /** Names in a folder, those from the flags first; undefined if there is no such folder. */
  readonly filesIn: (folder: string) => readonly string[] | undefined
  /** Where a file really is; undefined if it is only a name, or not there at all. */
  readonly placeOf: (folder: ModelFolder, name: string) => ModelPlace | undefined
}

/** A model file on disk. `pathIndex` counts the folders that are searched for its kind. */
export type ModelPlace = { readonly path: string; readonly pathIndex: number }

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

/** The names from the flags, where an empty value is an empty folder, and the files in the data folder. */
export function openModels(flags: FlagValues, dataFolder: string): Models {
  const named = new Map(modelFolderNames.map((folder) => [folder as string, namesFrom(flags, folder)]))
  return {
    folders: modelFolderNames,
    filesIn: (folder) => {
      const names = named.get(folder)
      if (names === undefined) return undefined
      const found = foldersFor(dataFolder, folder as ModelFolder).flatMap(modelFilesIn)
      return found.length === 0 ? names : [...new Set([...names, ...found])]
    },
    placeOf: (folder, name) => {
      const paths = foldersFor(dataFolder, folder).map((base) => insideFolder(base, name))
      const pathIndex = paths.findIndex((path) => path !== undefined && existsSync(path))
      const path = paths[pathIndex]
      return path === undefined ? undefined : { path, pathIndex }
    },
  }
}

function namesFrom(flags: FlagValues, folder: ModelFolder): readonly string[] {
  const list = String(flags[flagName(folder)] ?? defaults[folder] ?? '')
  return list.split(',').filter((name) => name !== '')
}

function flagName(folder: string): string {
  return folder.replaceAll('_', '-')
}
