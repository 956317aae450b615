/** Errors the kit raises. Each has a stable `code`; messages read "Cannot <verb> <thing>: <state>; <what to do>". */

/** Reason why the kit gave up. */
export type TwinErrorCode =
  | 'bad-flag'
  | 'port-in-use'
  | 'cannot-listen'
  | 'cannot-start'
  | 'body-too-large'
  | 'bad-multipart'
  | 'bad-picture'
  | 'bad-fault'
  | 'bad-query'

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
