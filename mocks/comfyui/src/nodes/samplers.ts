/** Sampling: the long part of a prompt, with ticks, previews and most of the memory. */
import { renderJpeg } from '@squall/twin-kit'
import { samplingBytes } from '../gpu-memory.ts'
import {
  type Behaviour,
  countOf,
  type Facts,
  factsOf,
  type NodeRun,
  onAllOutputs,
  textOf,
  workOf,
} from './behaviour.ts'
import { onGpu } from './loaders.ts'

/** Duration of one step at 512 x 512, one image: about SD1.5 on a mid-range GPU. Larger pictures scale by pixels. */
const stepMs = 150

async function sample(run: NodeRun, steps: number, facts: Facts): Promise<void> {
  const { model } = facts
  // Cold if it was unloaded or pushed out since; the loader node itself may be cached.
  if (model !== undefined) await onGpu(run, model)
  using _working = run.gpu.reserve(samplingBytes(facts), model === undefined ? [] : [model.file])
  await run.gpu.run({
    steps,
    msPerStep: stepMs * workOf(facts),
    signal: run.signal,
    onStep: (step) => run.onProgress(step, steps, run.previewsWanted ? previewOf(facts, step) : undefined),
  })
}

/** Previews are an eighth of the picture, as those made from latents are. A new one per step. */
function previewOf(facts: Facts, step: number): Buffer {
  const side = (length = 512): number => Math.max(1, Math.round(length / 8))
  const { text: prompt = '', seed = 0 } = facts
  return renderJpeg({
    prompt,
    seed: Number(seed) + step,
    width: side(facts.width),
    height: side(facts.height),
  })
}

/** Facts of a classic sampler: text from `positive`, size from the latent, model from `model`. */
function classicFacts(run: NodeRun, seedInput: string): Facts {
  const { text = '' } = factsOf(run, 'positive')
  return { ...latentOf(run), ...modelOf(factsOf(run, 'model')), text, seed: seedOf(run, seedInput) }
}

function seedOf(run: NodeRun, input: string): number | bigint {
  const value = run.inputs[input]
  return typeof value === 'bigint' ? value : Number(value ?? 0)
}

const ksampler: Behaviour = async (run) => {
  const facts = classicFacts(run, 'seed')
  await sample(run, countOf(run, 'steps'), facts)
  return onAllOutputs(run, facts)
}

const ksamplerAdvanced: Behaviour = async (run) => {
  const facts = classicFacts(run, 'noise_seed')
  const end = Math.min(countOf(run, 'end_at_step'), countOf(run, 'steps'))
  const steps = Math.max(0, end - countOf(run, 'start_at_step'))
  await sample(run, steps, facts)
  // A refiner adds no noise of its own, so the picture follows from the seed of the sampler before it.
  const before = factsOf(run, 'latent_image').seed
  const keepsSeed = textOf(run, 'add_noise') === 'disable' && before !== undefined
  return onAllOutputs(run, keepsSeed ? { ...facts, seed: before } : facts)
}

const samplerCustom: Behaviour = async (run) => {
  const guider = factsOf(run, 'guider')
  const { seed = 0 } = factsOf(run, 'noise')
  const { steps = 20 } = factsOf(run, 'sigmas')
  const facts = { ...latentOf(run), ...modelOf(guider), text: guider.text ?? '', seed }
  await sample(run, steps, facts)
  return onAllOutputs(run, facts)
}

/** The latent itself: what was decoded or sampled before it does not matter any more. */
function latentOf(run: NodeRun): Facts {
  const { model: _, ...latent } = factsOf(run, 'latent_image')
  return latent
}

function modelOf({ model }: Facts): Facts {
  return model === undefined ? {} : { model }
}

/** By class name. */
export const samplers: Readonly<Record<string, Behaviour>> = {
  KSampler: ksampler,
  KSamplerAdvanced: ksamplerAdvanced,
  SamplerCustomAdvanced: samplerCustom,
  RandomNoise: (run) => onAllOutputs(run, { seed: seedOf(run, 'noise_seed') }),
  BasicScheduler: (run) => onAllOutputs(run, { steps: countOf(run, 'steps', 20) }),
}
