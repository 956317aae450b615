/** Failures of a generation and the toasts they end in; wording of `wgp.py` (protocol notes 4.6). */

import { GpuOutOfMemory } from '@squall/twin-kit'

/** What went wrong on the GPU. */
export class GenerationFailure extends Error {
  readonly code = 'generation-failure'
  readonly reason: 'vram' | 'ram' | 'other'

  constructor(reason: GenerationFailure['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** A failure by the name a fault gives it. */
export function failureNamed(as: string): GenerationFailure {
  if (as === 'out-of-memory') {
    return new GenerationFailure('vram', 'CUDA out of memory. Tried to allocate 2.00 GiB.')
  }
  if (as === 'no-ram') return new GenerationFailure('ram', 'CUDA error: out of memory')
  if (as === 'no-download') {
    const text =
      "We couldn't connect to the hub to load the files, and couldn't find them in the cached files."
    return new GenerationFailure('other', text)
  }
  if (as === 'disk-full') return new GenerationFailure('other', '[Errno 28] No space left on device')
  return new GenerationFailure('other', 'A fault was injected here')
}

/** Whether a failure is one that real GPUs have too. */
export const isMeant = (error: unknown): boolean =>
  error instanceof GenerationFailure || error instanceof GpuOutOfMemory

/** The toast. */
export function failureText(error: unknown): string {
  const what = 'The generation of the video has encountered an error'
  const isVram =
    error instanceof GpuOutOfMemory || (error instanceof GenerationFailure && error.reason === 'vram')
  if (isVram) {
    return `${what}: it is likely that you have unsufficient VRAM and you should therefore reduce the video resolution or its number of frames.`
  }
  if (error instanceof GenerationFailure && error.reason === 'ram') {
    return `${what}: it is likely that you have unsufficient RAM and / or Reserved RAM allocation should be reduced using 'perc_reserved_mem_max' or using a different Profile.`
  }
  const text = error instanceof Error ? error.message : String(error)
  return `${what}, please check your terminal for more information. '${text}'`
}
