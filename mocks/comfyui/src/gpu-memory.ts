/**
 * What a run needs on the GPU beside the model, and what its failure says. The formulas are those by which the real
 * server plans its memory [S: `memory_required` in model_base.py, `memory_used_encode` and `memory_used_decode` in
 * sd.py], for half precision.
 * Knowingly missing: weights that stay in main memory when they do not fit (`lowvram`), memory of text encoders at work.
 */
import { type FlagDefinitions, type FlagValues, type GpuOutOfMemory, TwinError } from '@squall/twin-kit'
import type { Facts } from './nodes/behaviour.ts'

const kib = 1024
const mib = 1024 ** 2
const gib = 1024 ** 3
const bytesPerNumber = 2

/** The size of the GPU. */
export const gpuFlags: FlagDefinitions = {
  'vram-gib': { type: 'string', description: 'memory of the GPU in GiB', default: '24' },
}

/** Reads the flag. Throws TwinError `bad-flag` for anything but a positive number. */
export function vramFromFlags(flags: FlagValues): number {
  const text = String(flags['vram-gib'] ?? '24').trim()
  const size = text === '' ? Number.NaN : Number(text)
  if (size > 0 && Number.isFinite(size)) return Math.round(size * gib)
  throw new TwinError(
    'bad-flag',
    `Cannot read the flags: --vram-gib is '${text}'; give a number greater than 0`,
  )
}

/** One sampling step over the whole batch. A batch cannot be split, so a large one runs out of memory. */
export function samplingBytes(facts: Facts): number {
  const { batch = 1, model } = facts
  return Math.round(batch * latentPixels(facts) * bytesPerNumber * 0.01 * (model?.hunger ?? 1) * mib)
}

/** Decoding one picture; batches are decoded in turn. */
export function decodeBytes(facts: Facts): number {
  return 2178 * 64 * latentPixels(facts) * bytesPerNumber
}

/** Decoding one tile of 512 x 512, to which the server falls back. */
export const tileBytes: number = decodeBytes({ width: 512, height: 512 })

/** Encoding one picture. */
export function encodeBytes({ width = 512, height = 512 }: Facts): number {
  return 1767 * width * height * bytesPerNumber
}

function latentPixels({ width = 512, height = 512 }: Facts): number {
  return Math.ceil(width / 8) * Math.ceil(height / 8)
}

/** The text of `torch.OutOfMemoryError` (golden 06) with the figures of this GPU. */
export function outOfMemoryText({ askedBytes, vram }: GpuOutOfMemory): string {
  const { totalBytes, freeBytes, usedBytes } = vram
  return [
    `CUDA out of memory. Tried to allocate ${sizeText(askedBytes)}.`,
    `GPU 0 has a total capacity of ${sizeText(totalBytes)} of which ${sizeText(freeBytes)} is free.`,
    `Including non-PyTorch memory, this process has ${sizeText(usedBytes)} memory in use.`,
    `Of the allocated memory ${sizeText(usedBytes)} is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.`,
  ].join(' ')
}

/** As torch writes sizes. */
function sizeText(bytes: number): string {
  if (bytes <= kib) return `${bytes} bytes`
  if (bytes <= mib) return `${(bytes / kib).toFixed(2)} KiB`
  return bytes <= gib ? `${(bytes / mib).toFixed(2)} MiB` : `${(bytes / gib).toFixed(2)} GiB`
}
