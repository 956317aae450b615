/** Where the real server looks for models of each kind, and which files count (golden 12). Nothing is read there. */
import { join } from 'node:path'
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
