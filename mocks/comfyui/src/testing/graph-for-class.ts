/** A small workflow around any node class: its links from fixed producers, its constants from its own facts. */
import type { Graph, GraphNode } from '../graph.ts'
import type { InputConfig, NodeInfo } from '../nodes/catalog.ts'

const latent: GraphNode = { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 2 } }
const clip: GraphNode = { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['checkpoint', 1] } }

/** Nodes that make what links carry. */
const producers: Graph = {
  checkpoint: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
  control: { class_type: 'ControlNetLoader', inputs: { control_net_name: 'control_canny.safetensors' } },
  upscaler: { class_type: 'UpscaleModelLoader', inputs: { model_name: '4x-upscaler.pth' } },
  image: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 2, color: 1 } },
  mask: { class_type: 'LoadImageMask', inputs: { image: 'pose.png', channel: 'red' } },
  video: { class_type: 'CreateVideo', inputs: { images: ['image', 0], fps: 8 } },
  noise: { class_type: 'RandomNoise', inputs: { noise_seed: 1 } },
  sampler: { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
  guider: { class_type: 'BasicGuider', inputs: { model: ['checkpoint', 0], conditioning: ['clip', 0] } },
  sigmas: {
    class_type: 'BasicScheduler',
    inputs: { model: ['checkpoint', 0], scheduler: 'simple', steps: 2, denoise: 1 },
  },
  latent,
  clip,
}

const links: Readonly<Record<string, readonly [string, number]>> = {
  MODEL: ['checkpoint', 0],
  CLIP: ['checkpoint', 1],
  VAE: ['checkpoint', 2],
  CONDITIONING: ['clip', 0],
  LATENT: ['latent', 0],
  IMAGE: ['image', 0],
  MASK: ['mask', 0],
  VIDEO: ['video', 0],
  CONTROL_NET: ['control', 0],
  UPSCALE_MODEL: ['upscaler', 0],
  NOISE: ['noise', 0],
  SAMPLER: ['sampler', 0],
  GUIDER: ['guider', 0],
  SIGMAS: ['sigmas', 0],
  '*': ['image', 0],
}

/** The workflow; the class under test has the id `tested`, and a `PreviewAny` behind it if it is no output. */
export function graphForClass(className: string, info: NodeInfo, more: GraphNode['inputs'] = {}): Graph {
  const inputs = Object.entries(info.input.required ?? {}).map(([name, config]) => [name, valueFor(config)])
  const tested = {
    class_type: className,
    inputs: { ...(Object.fromEntries(inputs) as GraphNode['inputs']), ...more },
  }
  const shown: GraphNode = { class_type: 'PreviewAny', inputs: { source: ['tested', 0] } }
  return { ...structuredClone(producers), tested, ...(info.output_node ? {} : { shown }) }
}

function valueFor([type, config = {}]: InputConfig): unknown {
  if (typeof type !== 'string') return type[0]
  const link = links[type]
  if (link !== undefined) return [...link]
  const [option] = Array.isArray(config['options']) ? (config['options'] as unknown[]) : []
  const key = typeof option === 'object' && option !== null && 'key' in option ? option.key : option
  return config['default'] ?? key ?? ''
}
