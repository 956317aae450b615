/** Nodes that bring a model onto the GPU. The first use of a file is a cold load; none of them can be interrupted. */
import type { ModelFolder } from '../models.ts'
import { type Behaviour, factsOf, type NodeRun, onAllOutputs, textOf } from './behaviour.ts'
import { type ModelFile, modelFile } from './model-file.ts'

/** Makes sure a model is on the GPU: at once if it is, a cold load if it is not (any more). */
export async function onGpu(run: NodeRun, { file, bytes, loadMs }: ModelFile): Promise<void> {
  await run.gpu.load(file, { bytes, loadMs })
}

/** Reads a model file and brings it onto the GPU. */
async function open(run: NodeRun, folder: ModelFolder, input: string, share = 1): Promise<ModelFile> {
  const file = textOf(run, input)
  await run.checkModel(folder, file)
  const model = modelFile(folder, file, share)
  await onGpu(run, model)
  return model
}

/** A loader whose file is named by `input`. */
function load(folder: ModelFolder, input: string): Behaviour {
  return async (run) => onAllOutputs(run, { model: await open(run, folder, input) })
}

/** A patch on `model`, and on `clip` where the class has it: the outputs are the patched inputs. */
function patch(folder: ModelFolder, input: string): Behaviour {
  return async (run) => {
    await open(run, folder, input)
    return { outputs: run.outputTypes.map((type) => factsOf(run, type.toLowerCase())) }
  }
}

/** The weight types that begin with fp8 halve the weights. */
const loadUnet: Behaviour = async (run) => {
  const share = textOf(run, 'weight_dtype').startsWith('fp8') ? 0.5 : 1
  return onAllOutputs(run, { model: await open(run, 'diffusion_models', 'unet_name', share) })
}

/** Both files become one text encoder, which is on the GPU as a whole. */
const loadTwoEncoders: Behaviour = async (run) => {
  const names = ['clip_name1', 'clip_name2'].map((input) => textOf(run, input))
  for (const name of names) await run.checkModel('text_encoders', name)
  const parts = names.map((name) => modelFile('text_encoders', name))
  const sum = (of: (part: ModelFile) => number): number => parts.reduce((total, part) => total + of(part), 0)
  const model: ModelFile = {
    file: parts.map(({ file }) => file).join(' + '),
    bytes: sum(({ bytes }) => bytes),
    loadMs: sum(({ loadMs }) => loadMs),
    hunger: 1,
  }
  await onGpu(run, model)
  return onAllOutputs(run, { model })
}

/** By class name. */
export const loaders: Readonly<Record<string, Behaviour>> = {
  CheckpointLoaderSimple: load('checkpoints', 'ckpt_name'),
  UNETLoader: loadUnet,
  CLIPLoader: load('text_encoders', 'clip_name'),
  DualCLIPLoader: loadTwoEncoders,
  VAELoader: load('vae', 'vae_name'),
  LoraLoader: patch('loras', 'lora_name'),
  LoraLoaderModelOnly: patch('loras', 'lora_name'),
  ControlNetLoader: load('controlnet', 'control_net_name'),
  UpscaleModelLoader: load('upscale_models', 'model_name'),
}
