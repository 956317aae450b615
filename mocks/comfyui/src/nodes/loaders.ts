/** Nodes that bring a model onto the GPU. The first use of a file is a cold load; none of them can be interrupted. */
import { type Behaviour, carry, type NodeRun, onAllOutputs, textOf } from './behaviour.ts'

/** A loader whose model file is named by `input`. */
function load(input: string): Behaviour {
  return async (run) => {
    const model = textOf(run, input)
    await run.gpu.load(model)
    return onAllOutputs(run, { ...carry(run), model })
  }
}

/** LoRAs, VAEs, ControlNets and upscalers are small beside a checkpoint. */
const smallLoadMs = 400

function loadSmall(input: string, keepsModel = false): Behaviour {
  return async (run: NodeRun) => {
    const file = textOf(run, input)
    await run.gpu.load(file, { loadMs: smallLoadMs })
    return onAllOutputs(run, keepsModel ? carry(run) : { model: file })
  }
}

/** By class name. */
export const loaders: Readonly<Record<string, Behaviour>> = {
  CheckpointLoaderSimple: load('ckpt_name'),
  UNETLoader: load('unet_name'),
  CLIPLoader: loadSmall('clip_name'),
  DualCLIPLoader: loadSmall('clip_name1'),
  VAELoader: loadSmall('vae_name'),
  LoraLoader: loadSmall('lora_name', true),
  LoraLoaderModelOnly: loadSmall('lora_name', true),
  ControlNetLoader: loadSmall('control_net_name'),
  UpscaleModelLoader: loadSmall('model_name'),
}
