/**
 * What an image is to the rest of the harness: a reference that is present in the engine, and how it got there.
 * Images outlive runs on purpose (label `dev.squall.image`, never the run label): the next run finds them.
 */
import { SquallError } from '../../support/errors.ts'

/**
 * - `named`: an environment variable names it;
 * - `present`: it was in the engine already;
 * - `pulled`: fetched from its registry;
 * - `built`: made on this machine.
 */
export type ImageOrigin = 'named' | 'present' | 'pulled' | 'built'

export type ResolvedImage = {
  /** Present in the engine; give it to `createContainer` as it is. */
  readonly reference: string
  readonly how: ImageOrigin
  /** For people, one line: why this one, and what was tried before. */
  readonly detail: string
}

/** What would be used, without doing it. */
export type ImagePlan = ResolvedImage & {
  /** False: `how` says what the first run will do. */
  readonly present: boolean
}

export type ImageOptions = {
  /** Read instead of `process.env`: `SQUALL_*_IMAGE`, proxies, `PIP_*`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder for bundles and downloaded packages; kept between runs, safe to delete. */
  readonly cacheFolder: string
  /** One short line when something slow begins. */
  readonly onProgress: (line: string) => void
}

/** Label of every image made here; its value says which. */
export const imageLabel = 'dev.squall.image'

/** An image cannot be had. Code `image-failed`. */
export class ImageError extends SquallError {
  /** Everything the failing step printed; empty when it printed nothing. */
  readonly log: string

  constructor(message: string, options: { readonly log?: string; readonly cause?: unknown } = {}) {
    const log = options.log?.trim() ?? ''
    const shown = log === '' ? '' : `\n${lastLines(log, 25)}`
    super('image-failed', message + shown, { cause: options.cause })
    this.log = log
  }
}

function lastLines(text: string, count: number): string {
  return text.split('\n').slice(-count).join('\n')
}
