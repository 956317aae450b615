/** The stock SD1.5 text-to-image workflow, ids as in the recorded transcript. */
import type { Graph } from '../graph.ts'

/** The workflow. `overrides` replaces inputs of the sampler (node 3), `prefix` the file name prefix. */
export function sd15Graph(overrides: Readonly<Record<string, unknown>> = {}, prefix = 'ComfyUI'): Graph {
  return {
    3: {
      class_type: 'KSampler',
      inputs: {
        seed: 1,
        steps: 20,
        cfg: 8,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
        model: ['4', 0],
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
        ...overrides,
      },
    },
    4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
    5: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
    6: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['4', 1] } },
    7: { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['4', 1] } },
    8: { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    9: { class_type: 'SaveImage', inputs: { filename_prefix: prefix, images: ['8', 0] } },
  }
}

/** The smallest workflow with an output. */
export function smallGraph(color = 1, prefix = 'small'): Graph {
  return {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color } },
    2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
  }
}
