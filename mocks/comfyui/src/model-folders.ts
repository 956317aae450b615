/** Where the server looks for models of each kind, and which files count (golden 12). */
import { existsSync, readdirSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import type { ModelFolder } from './models.ts'

/** Folders under `models` where the name differs or there is more than one. */
const searched: Partial<Record<ModelFolder, readonly string[]>> = {
  text_encoders: ['models/text_encoders', 'models/clip', 'output/clip'],
  diffusion_models: ['models/unet', 'models/diffusion_models', 'output/diffusion_models'],
  checkpoints: ['models/checkpoints', 'output/checkpoints'],
  loras: ['models/loras', 'output/loras'],
  vae: ['models/vae', 'output/vae'],
  controlnet: ['models/controlnet', 'models/t2i_adapter'],
  custom_nodes: ['custom_nodes'],
  datasets: ['datasets'],
}

/** Endings of model files, as `/experiment/models` lists them. */
export const modelExtensions: readonly string[] = [
  '.bin',
  '.ckpt',
  '.pkl',
  '.pt',
  '.pt2',
  '.pth',
  '.safetensors',
  '.sft',
]

/** Absolute folders for one kind. */
export function foldersFor(dataFolder: string, kind: ModelFolder): string[] {
  return (searched[kind] ?? [`models/${kind}`]).map((folder) => join(dataFolder, folder))
}

/** Model files in a folder and below, by their path from there, sorted. A folder that is not there has none. */
export function modelFilesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && modelExtensions.includes(extname(entry.name).toLowerCase()))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}
