/**
 * What a job takes on the GPU. Rough figures of the twin's own, so that too large a job runs out of memory and a usual
 * one does not: Wan2GP streams a model from RAM, and what counts is the size of the video.
 */
import { type FlagDefinitions, type FlagValues, TwinError } from '@squall/twin-kit'
import type { Task } from '../session.ts'

const gib = 1024 ** 3
/** The part of a model that is on the GPU while it works. */
export const modelBytes: number = 6 * gib
/** The default video (832 x 480, 81 frames) beside its model. */
const defaultVideoBytes = 8 * gib

/** The size of the GPU. */
export const gpuFlags: FlagDefinitions = {
  'vram-gib': { type: 'string', description: 'memory of the GPU in GiB', default: '24' },
}

/** Reads the flag. Throws TwinError `bad-flag` for anything but a positive number. */
export function vramFromFlags(flags: FlagValues): number {
  const size = Number(flags['vram-gib'] ?? '24')
  if (size > 0 && Number.isFinite(size)) return Math.round(size * gib)
  throw new TwinError(
    'bad-flag',
    `Cannot read the flags: --vram-gib is '${String(flags['vram-gib'])}'; give a number greater than 0`,
  )
}

/** Pixels of all frames at once, as video models work on them. */
export function workingBytes({ width, height, frames, images }: Task): number {
  const pixels = width * height * (images > 0 ? images : frames)
  return Math.round((defaultVideoBytes * pixels) / (832 * 480 * 81))
}
