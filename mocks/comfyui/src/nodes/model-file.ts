/**
 * Model files as the GPU sees them: how much memory one takes and how long its cold load is. Sizes are those of the
 * files people publish under such names; a name that says nothing gets the usual size of its folder.
 */
import type { ModelFolder } from '../models.ts'

/** A model on a link: the file, and what it costs to have it on the GPU. */
export type ModelFile = {
  readonly file: string
  readonly bytes: number
  readonly loadMs: number
  /** How hungry sampling is, as `memory_usage_factor` in the server's `supported_models.py` [S]. */
  readonly hunger: number
}

const gib = 1024 ** 3

/** Cold load of a checkpoint: 2 GiB from disk to GPU in 4 s. LoRAs, VAEs and upscalers are small beside it. */
const checkpointLoadMs = 4000
const smallLoadMs = 400

type Size = { readonly names: RegExp; readonly gib: number; readonly hunger?: number }

/** The first line whose pattern is in the name counts. */
const sizes: Partial<Record<ModelFolder, readonly Size[]>> = {
  checkpoints: [
    { names: /flux/i, gib: 16.1, hunger: 3.1 },
    { names: /xl|pony|illustrious/i, gib: 6.46, hunger: 0.8 },
    { names: /sd3/i, gib: 5.6, hunger: 1.6 },
    { names: /./, gib: 1.99 },
  ],
  diffusion_models: [
    { names: /flux.*fp8/i, gib: 11.08, hunger: 3.1 },
    { names: /flux/i, gib: 22.17, hunger: 3.1 },
    { names: /./, gib: 5 },
  ],
  text_encoders: [
    { names: /t5.*fp8/i, gib: 4.56 },
    { names: /t5/i, gib: 9.12 },
    { names: /clip_g/i, gib: 1.29 },
    { names: /./, gib: 0.23 },
  ],
  vae: [{ names: /./, gib: 0.31 }],
  loras: [{ names: /./, gib: 0.14 }],
  controlnet: [
    { names: /xl/i, gib: 2.33 },
    { names: /./, gib: 1.35 },
  ],
  upscale_models: [{ names: /./, gib: 0.06 }],
}

const largeFolders: ReadonlySet<ModelFolder> = new Set(['checkpoints', 'diffusion_models'])

/** A file of that folder. `share` is 0.5 where a loader halves the weights (fp8). */
export function modelFile(folder: ModelFolder, file: string, share = 1): ModelFile {
  const size = sizes[folder]?.find(({ names }) => names.test(file))
  return {
    file,
    bytes: Math.round((size?.gib ?? 0) * share * gib),
    loadMs: largeFolders.has(folder) ? checkpointLoadMs : smallLoadMs,
    hunger: size?.hunger ?? 1,
  }
}
