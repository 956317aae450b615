/** Workflows as people really build them: SDXL with refiner, ControlNet and LoRA, and one of fifty nodes. */
import type { Graph } from '../graph.ts'

const sampler = { sampler_name: 'euler', scheduler: 'normal' }

/** SDXL base and refiner: 11 nodes. */
export function sdxlGraph(): Graph {
  const text = (clip: string, words: string) => ({
    class_type: 'CLIPTextEncode',
    inputs: { text: words, clip: [clip, 1] },
  })
  const advanced = (model: string, positive: string, negative: string, latent: string, refines: boolean) => ({
    class_type: 'KSamplerAdvanced',
    inputs: {
      ...sampler,
      model: [model, 0],
      add_noise: refines ? 'disable' : 'enable',
      noise_seed: 5,
      steps: 25,
      cfg: 8,
      positive: [positive, 0],
      negative: [negative, 0],
      latent_image: [latent, 0],
      start_at_step: refines ? 20 : 0,
      end_at_step: refines ? 10_000 : 20,
      return_with_leftover_noise: refines ? 'disable' : 'enable',
    },
  })
  return {
    1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sdxl_base.safetensors' } },
    2: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sdxl_refiner.safetensors' } },
    3: { class_type: 'EmptyLatentImage', inputs: { width: 128, height: 128, batch_size: 1 } },
    4: text('1', 'a lighthouse'),
    5: text('1', 'blurry'),
    6: text('2', 'a lighthouse'),
    7: text('2', 'blurry'),
    8: advanced('1', '4', '5', '3', false),
    9: advanced('2', '6', '7', '8', true),
    10: { class_type: 'VAEDecode', inputs: { samples: ['9', 0], vae: ['2', 2] } },
    11: { class_type: 'SaveImage', inputs: { images: ['10', 0], filename_prefix: 'sdxl/%width%' } },
  }
}

/** SD1.5 with two LoRAs, a ControlNet, a second pass and an upscaler: 16 nodes. Needs `pose.png` as an input. */
export function controlNetGraph(): Graph {
  const ksampler = (latent: string, denoise: number) => ({
    class_type: 'KSampler',
    inputs: {
      ...sampler,
      seed: 9,
      steps: 4,
      cfg: 7,
      denoise,
      model: ['3', 0],
      positive: ['8', 0],
      negative: ['8', 1],
      latent_image: [latent, 0],
    },
  })
  const lora = (from: string, name: string) => ({
    class_type: 'LoraLoader',
    inputs: { model: [from, 0], clip: [from, 1], lora_name: name, strength_model: 0.8, strength_clip: 0.8 },
  })
  return {
    1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
    2: lora('1', 'detail.safetensors'),
    3: lora('2', 'style.safetensors'),
    4: { class_type: 'CLIPTextEncode', inputs: { text: 'a dancer', clip: ['3', 1] } },
    5: { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['3', 1] } },
    6: { class_type: 'ControlNetLoader', inputs: { control_net_name: 'control_canny.safetensors' } },
    7: { class_type: 'LoadImage', inputs: { image: 'pose.png' } },
    8: {
      class_type: 'ControlNetApplyAdvanced',
      inputs: {
        positive: ['4', 0],
        negative: ['5', 0],
        control_net: ['6', 0],
        image: ['7', 0],
        strength: 1,
        start_percent: 0,
        end_percent: 1,
      },
    },
    9: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
    10: ksampler('9', 1),
    11: {
      class_type: 'LatentUpscaleBy',
      inputs: { samples: ['10', 0], upscale_method: 'bislerp', scale_by: 2 },
    },
    12: ksampler('11', 0.5),
    13: { class_type: 'VAEDecode', inputs: { samples: ['12', 0], vae: ['1', 2] } },
    14: { class_type: 'UpscaleModelLoader', inputs: { model_name: '4x-upscaler.pth' } },
    15: { class_type: 'ImageUpscaleWithModel', inputs: { upscale_model: ['14', 0], image: ['13', 0] } },
    16: { class_type: 'SaveImage', inputs: { images: ['15', 0], filename_prefix: 'dancer' } },
  }
}

/** Flux: model, two text encoders and VAE apart, and the sampler in pieces (protocol notes 7). */
export function fluxGraph(): Graph {
  return {
    1: { class_type: 'UNETLoader', inputs: { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' } },
    2: {
      class_type: 'DualCLIPLoader',
      inputs: { clip_name1: 't5xxl_fp16.safetensors', clip_name2: 'clip_l.safetensors', type: 'flux' },
    },
    3: { class_type: 'VAELoader', inputs: { vae_name: 'ae.safetensors' } },
    4: { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse', clip: ['2', 0] } },
    5: { class_type: 'FluxGuidance', inputs: { conditioning: ['4', 0], guidance: 3.5 } },
    6: { class_type: 'BasicGuider', inputs: { model: ['1', 0], conditioning: ['5', 0] } },
    7: { class_type: 'RandomNoise', inputs: { noise_seed: 11 } },
    8: { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
    9: {
      class_type: 'BasicScheduler',
      inputs: { model: ['1', 0], scheduler: 'simple', steps: 4, denoise: 1 },
    },
    10: { class_type: 'EmptySD3LatentImage', inputs: { width: 128, height: 64, batch_size: 1 } },
    11: {
      class_type: 'SamplerCustomAdvanced',
      inputs: {
        noise: ['7', 0],
        guider: ['6', 0],
        sampler: ['8', 0],
        sigmas: ['9', 0],
        latent_image: ['10', 0],
      },
    },
    12: { class_type: 'VAEDecode', inputs: { samples: ['11', 0], vae: ['3', 0] } },
    13: { class_type: 'SaveImage', inputs: { images: ['12', 0], filename_prefix: 'flux' } },
  }
}

/** A loaded picture, encoded, doubled, sampled again. Needs `pose.png` as an input. */
export function imageToImageGraph(): Graph {
  return {
    1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
    2: { class_type: 'LoadImage', inputs: { image: 'pose.png' } },
    3: { class_type: 'VAEEncode', inputs: { pixels: ['2', 0], vae: ['1', 2] } },
    4: { class_type: 'RepeatLatentBatch', inputs: { samples: ['3', 0], amount: 2 } },
    5: { class_type: 'CLIPTextEncode', inputs: { text: 'a dancer', clip: ['1', 1] } },
    6: {
      class_type: 'KSampler',
      inputs: {
        ...sampler,
        seed: 3,
        steps: 2,
        cfg: 7,
        denoise: 0.6,
        model: ['1', 0],
        positive: ['5', 0],
        negative: ['5', 0],
        latent_image: ['4', 0],
      },
    },
    7: { class_type: 'VAEDecode', inputs: { samples: ['6', 0], vae: ['1', 2] } },
    8: { class_type: 'SaveImage', inputs: { images: ['7', 0], filename_prefix: 'again %batch_num%' } },
  }
}

/** A chain of image nodes between a source and an output, `nodes` in all. */
export function chainGraph(nodes: number): Graph {
  const links = Array.from({ length: nodes - 2 }, (_, index) => [
    String(index + 2),
    { class_type: 'ImageInvert', inputs: { image: [String(index + 1), 0] } },
  ])
  return {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 2, color: 3 } },
    ...(Object.fromEntries(links) as Graph),
    [nodes]: {
      class_type: 'SaveImage',
      inputs: { images: [String(nodes - 1), 0], filename_prefix: 'chain' },
    },
  }
}
