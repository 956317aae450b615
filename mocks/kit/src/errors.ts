/** Errors the kit raises. Each has a stable `code`; messages read "Cannot <verb> <thing>: <state>; <what to do>". */
import type { VramFigures } from './vram.ts'

/** Reason why the kit gave up. */
export type TwinErrorCode =
  | 'bad-flag'
  | 'port-in-use'
  | 'cannot-listen'
  | 'cannot-start'
  | 'body-too-large'
  | 'bad-multipart'
  | 'bad-picture'
  | 'bad-video'
  | 'bad-fault'
  | 'bad-query'
  | 'gpu-out-of-memory'

/** A failure of the world around the twin (never a bug of the twin). */
export class TwinError extends Error {
  readonly code: TwinErrorCode

  constructor(code: TwinErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TwinError'
    this.code = code
  }
}

/** The request body grew beyond the limit of `readBody`; twins answer 413. */
export class BodyTooLarge extends TwinError {
  readonly bytesMax: number

  constructor(bytesMax: number) {
    super('body-too-large', `Cannot read the request body: more than ${bytesMax} bytes; send less`)
    this.name = 'BodyTooLarge'
    this.bytesMax = bytesMax
  }
}

/** A virtual GPU has no room for `askedBytes`, even without every model that may go. Twins answer as theirs does. */
export class GpuOutOfMemory extends TwinError {
  readonly askedBytes: number
  readonly vram: VramFigures

  constructor(askedBytes: number, vram: VramFigures) {
    const { freeBytes, totalBytes } = vram
    super(
      'gpu-out-of-memory',
      `Cannot place ${askedBytes} bytes on the GPU: ${freeBytes} of ${totalBytes} are free; ask for less or give it more memory`,
    )
    this.name = 'GpuOutOfMemory'
    this.askedBytes = askedBytes
    this.vram = vram
  }
}
