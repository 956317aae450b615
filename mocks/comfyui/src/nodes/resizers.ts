/**
 * Nodes that change the size or the number of pictures or latents. Latents are kept in pixels here, but can only be
 * whole multiples of 8 [S: nodes.py].
 */
import { type Behaviour, countOf, type Facts, factsOf, type NodeRun, onAllOutputs } from './behaviour.ts'

const latentPixels = 8

/** A side of a latent, in pixels. */
export function latentSide(pixels: number): number {
  return Math.max(1, Math.trunc(pixels / latentPixels)) * latentPixels
}

/** To a size; a side of 0 follows from the other one, two of them leave everything as it is. */
function toSize(input: string, min: number, round: (pixels: number) => number): Behaviour {
  return (run) => {
    const facts = factsOf(run, input)
    const { width = 512, height = 512 } = facts
    const [wide, high] = [countOf(run, 'width'), countOf(run, 'height')]
    if (wide === 0 && high === 0) return onAllOutputs(run, facts)
    const sized = {
      width: round(Math.max(min, wide === 0 ? Math.round((width * high) / height) : wide)),
      height: round(Math.max(min, high === 0 ? Math.round((height * wide) / width) : high)),
    }
    return onAllOutputs(run, { ...facts, ...sized })
  }
}

function byFactor(input: string, unit: number): Behaviour {
  return (run) => onAllOutputs(run, scaled(factsOf(run, input), countOf(run, 'scale_by', 1), unit))
}

function scaled(facts: Facts, factor: number, unit = 1): Facts {
  const side = (length = 512): number => Math.max(1, Math.round((length / unit) * factor)) * unit
  return { ...facts, width: side(facts.width), height: side(facts.height) }
}

/** Upscale models carry their factor in front of their name; most enlarge four times. */
function upscaleFactor(run: NodeRun): number {
  const [, factor = '4'] = /(\d)x/i.exec(factsOf(run, 'upscale_model').model?.file ?? '') ?? []
  return Number(factor)
}

const upscale: Behaviour = async (run) => {
  await run.gpu.run({ steps: 1, msPerStep: 500, signal: run.signal })
  return onAllOutputs(run, scaled(factsOf(run, 'image'), upscaleFactor(run)))
}

const emptyImage: Behaviour = (run) =>
  onAllOutputs(run, {
    width: countOf(run, 'width', 512),
    height: countOf(run, 'height', 512),
    batch: countOf(run, 'batch_size', 1),
    text: `color ${countOf(run, 'color')}`,
  })

const emptyLatent: Behaviour = (run) =>
  onAllOutputs(run, {
    width: latentSide(countOf(run, 'width', 512)),
    height: latentSide(countOf(run, 'height', 512)),
    batch: countOf(run, 'batch_size', 1),
  })

const pad: Behaviour = (run) => {
  const facts = factsOf(run, 'image')
  const width = (facts.width ?? 512) + countOf(run, 'left') + countOf(run, 'right')
  const height = (facts.height ?? 512) + countOf(run, 'top') + countOf(run, 'bottom')
  return onAllOutputs(run, { ...facts, width, height })
}

const repeat: Behaviour = (run) => {
  const facts = factsOf(run, 'samples')
  return onAllOutputs(run, { ...facts, batch: (facts.batch ?? 1) * countOf(run, 'amount', 1) })
}

/** The second picture is brought to the size of the first. */
const join: Behaviour = (run) => {
  const [first, second] = [factsOf(run, 'image1'), factsOf(run, 'image2')]
  return onAllOutputs(run, { ...second, ...first, batch: (first.batch ?? 1) + (second.batch ?? 1) })
}

/** By class name. */
export const resizers: Readonly<Record<string, Behaviour>> = {
  EmptyImage: emptyImage,
  EmptyLatentImage: emptyLatent,
  EmptySD3LatentImage: emptyLatent,
  ImageScale: toSize('image', 1, (pixels) => pixels),
  LatentUpscale: toSize('samples', 64, latentSide),
  ImageScaleBy: byFactor('image', 1),
  LatentUpscaleBy: byFactor('samples', latentPixels),
  ImageUpscaleWithModel: upscale,
  ImagePadForOutpaint: pad,
  RepeatLatentBatch: repeat,
  ImageBatch: join,
  ImageInvert: (run) => onAllOutputs(run, factsOf(run, 'image')),
  SetLatentNoiseMask: (run) => onAllOutputs(run, factsOf(run, 'samples')),
}
