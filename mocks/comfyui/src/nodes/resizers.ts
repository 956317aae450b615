/** Nodes that change the size or the number of pictures or latents. */
import { type Behaviour, carry, countOf, type Facts, factsOf, onAllOutputs } from './behaviour.ts'

const toSize: Behaviour = (run) => {
  const facts = carry(run)
  const width = countOf(run, 'width') || facts.width
  const height = countOf(run, 'height') || facts.height
  return onAllOutputs(run, { ...facts, ...sized(width, height) })
}

const byFactor: Behaviour = (run) => {
  const facts = carry(run)
  const factor = countOf(run, 'scale_by', 1)
  return onAllOutputs(run, scaled(facts, factor))
}

/** The stock upscale models enlarge four times. */
const upscaleFactor = 4

const upscale: Behaviour = async (run) => {
  const image = factsOf(run, 'image')
  await run.gpu.run({ steps: 1, msPerStep: 500, signal: run.signal })
  return onAllOutputs(run, scaled(image, upscaleFactor))
}

const emptyImage: Behaviour = (run) =>
  onAllOutputs(run, {
    ...sized(countOf(run, 'width', 512), countOf(run, 'height', 512)),
    batch: countOf(run, 'batch_size', 1),
    text: `color ${countOf(run, 'color')}`,
  })

const pad: Behaviour = (run) => {
  const facts = carry(run)
  const width = (facts.width ?? 512) + countOf(run, 'left') + countOf(run, 'right')
  const height = (facts.height ?? 512) + countOf(run, 'top') + countOf(run, 'bottom')
  return onAllOutputs(run, { ...facts, width, height })
}

const repeat: Behaviour = (run) => {
  const facts = carry(run)
  return onAllOutputs(run, { ...facts, batch: (facts.batch ?? 1) * countOf(run, 'amount', 1) })
}

const join: Behaviour = (run) => {
  const batch = (factsOf(run, 'image1').batch ?? 1) + (factsOf(run, 'image2').batch ?? 1)
  return onAllOutputs(run, { ...carry(run), batch })
}

function sized(width: number | undefined, height: number | undefined): Facts {
  return { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) }
}

function scaled(facts: Facts, factor: number): Facts {
  const side = (length: number | undefined): number => Math.max(1, Math.round((length ?? 512) * factor))
  return { ...facts, width: side(facts.width), height: side(facts.height) }
}

/** By class name. */
export const resizers: Readonly<Record<string, Behaviour>> = {
  EmptyImage: emptyImage,
  ImageScale: toSize,
  LatentUpscale: toSize,
  ImageScaleBy: byFactor,
  LatentUpscaleBy: byFactor,
  ImageUpscaleWithModel: upscale,
  ImagePadForOutpaint: pad,
  RepeatLatentBatch: repeat,
  ImageBatch: join,
}
