/** ComfyUI graphs in API format, as the stock workflows have them (comfyui.md section 7). */

export type WorkflowOptions = { readonly prompt: string; readonly seed: number }

/** Text to image with SD 1.5 at 512 x 512, 20 steps. */
export function simpleWorkflow(options: WorkflowOptions): Record<string, unknown> {
  const node = (classType: string, inputs: Record<string, unknown>) => ({ class_type: classType, inputs })
  return {
    '3': node('KSampler', {
      seed: options.seed,
      steps: 20,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    }),
    '4': node('CheckpointLoaderSimple', { ckpt_name: 'sd15.safetensors' }),
    '5': node('EmptyLatentImage', { width: 512, height: 512, batch_size: 1 }),
    '6': node('CLIPTextEncode', { text: options.prompt, clip: ['4', 1] }),
    '7': node('CLIPTextEncode', { text: 'blurry, low quality', clip: ['4', 1] }),
    '8': node('VAEDecode', { samples: ['3', 0], vae: ['4', 2] }),
    '9': node('SaveImage', { filename_prefix: 'squall', images: ['8', 0] }),
  }
}
