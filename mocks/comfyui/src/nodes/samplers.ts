/** Text, sampling and everything that decides what the picture shows. */
import { renderJpeg } from '@squall/twin-kit'
import {
  type Behaviour,
  carry,
  countOf,
  type Facts,
  factsOf,
  type NodeRun,
  onAllOutputs,
  textOf,
} from './behaviour.ts'

/** Duration of one step at 512 x 512, one image: about SD1.5 on a mid-range GPU. Larger pictures scale by pixels. */
const stepMs = 150
const pixelsPerStepMs = 512 * 512
/** Duration of a VAE pass over 512 x 512. */
const decodeMs = 200

function load(facts: Facts): number {
  return (((facts.width ?? 512) * (facts.height ?? 512)) / pixelsPerStepMs) * (facts.batch ?? 1)
}

async function sample(run: NodeRun, steps: number, facts: Facts): Promise<void> {
  // Only cold after "unload models"; the loader node itself may be cached.
  if (facts.model !== undefined) await run.gpu.load(facts.model)
  await run.gpu.run({
    steps,
    msPerStep: stepMs * load(facts),
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
  const { model = '' } = factsOf(run, 'model')
  return { ...factsOf(run, 'latent_image'), text, model, seed: seedOf(run, seedInput) }
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
  const facts = { ...factsOf(run, 'latent_image'), text: guider.text ?? '', model: guider.model ?? '', seed }
  await sample(run, steps, facts)
  return onAllOutputs(run, facts)
}

const emptyLatent: Behaviour = (run) =>
  onAllOutputs(run, {
    width: countOf(run, 'width', 512),
    height: countOf(run, 'height', 512),
    batch: countOf(run, 'batch_size', 1),
  })

const vaePass: Behaviour = async (run) => {
  const facts = { ...carry(run), ...factsOf(run, 'samples'), ...factsOf(run, 'pixels') }
  // Decoding does not look for interrupts; the next node does.
  await run.gpu.run({ steps: 1, msPerStep: decodeMs * load(facts) })
  return onAllOutputs(run, facts)
}

const joinTexts: Behaviour = (run) => {
  const first = factsOf(run, 'conditioning_1')
  const second = factsOf(run, 'conditioning_2')
  const text = [first.text, second.text].filter((part) => part !== undefined).join(', ')
  return onAllOutputs(run, { ...second, ...first, text })
}

/** Each conditioning keeps its own text. */
const controlNet: Behaviour = (run) => ({ outputs: [factsOf(run, 'positive'), factsOf(run, 'negative')] })

function encodeText(...inputs: readonly string[]): Behaviour {
  return (run) => onAllOutputs(run, { text: inputs.map((input) => textOf(run, input)).join('\n') })
}

/** By class name. */
export const samplers: Readonly<Record<string, Behaviour>> = {
  CLIPTextEncode: encodeText('text'),
  CLIPTextEncodeSDXL: encodeText('text_g', 'text_l'),
  CLIPTextEncodeSDXLRefiner: encodeText('text'),
  ConditioningCombine: joinTexts,
  ControlNetApplyAdvanced: controlNet,
  EmptyLatentImage: emptyLatent,
  EmptySD3LatentImage: emptyLatent,
  KSampler: ksampler,
  KSamplerAdvanced: ksamplerAdvanced,
  SamplerCustomAdvanced: samplerCustom,
  RandomNoise: (run) => onAllOutputs(run, { seed: seedOf(run, 'noise_seed') }),
  BasicScheduler: (run) => onAllOutputs(run, { steps: countOf(run, 'steps', 20) }),
  VAEDecode: vaePass,
  VAEDecodeTiled: vaePass,
  VAEEncode: vaePass,
  VAEEncodeForInpaint: vaePass,
}
