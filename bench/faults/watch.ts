/**
 * Looks at a service every few milliseconds, whether the last look has ended or not, and notes when each was begun and
 * ended and whether all was normal: from that follows when a fault was first felt, and when it was no longer.
 */
import { randomUUID } from 'node:crypto'
import { get } from 'node:http'
import { pause } from '../clock.ts'

type Look = { readonly from: number; readonly to: number; readonly isNormal: boolean }

export type Watch = AsyncDisposable & {
  /** When the first look was begun, after `at`, that was not normal. */
  feltAfter(at: number): Promise<number>
  /** When the first normal look ended that ended after `at`. */
  normalAfter(at: number): Promise<number>
}

/** Longer than any answer of an idle twin; a frozen one is noticed at the begin of the look anyway. */
const lookMsMax = 200
/** A look that makes the server work. */
const slowLookMsMax = 2000
/** A look without an end must not make a benchmark without an end. */
const waitMsMax = 30_000

/** @param everyMs what is measured is exact to this */
export function watch(look: () => Promise<boolean>, everyMs: number): Watch {
  const waiting = new Set<(look: Look) => void>()
  const over = new AbortController()
  const lookOnce = async (): Promise<void> => {
    const from = performance.now()
    const isNormal = await look().catch(() => false)
    const seen = { from, to: performance.now(), isNormal }
    for (const tell of waiting) tell(seen)
  }
  const looking = (async () => {
    const looks: Promise<void>[] = []
    while (!over.signal.aborted) {
      looks.push(lookOnce())
      await pause(everyMs)
    }
    await Promise.all(looks)
  })()
  const first = (isIt: (look: Look) => boolean): Promise<Look> =>
    new Promise((resolve, reject) => {
      AbortSignal.timeout(waitMsMax).addEventListener('abort', () => reject(new Error('waited for nothing')))
      const tell = (seen: Look): void => {
        if (!isIt(seen)) return
        waiting.delete(tell)
        resolve(seen)
      }
      waiting.add(tell)
    })
  return {
    feltAfter: async (at) => (await first(({ from, isNormal }) => from > at && !isNormal)).from,
    normalAfter: async (at) => (await first(({ to, isNormal }) => to > at && isNormal)).to,
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await looking
    },
  }
}

/** One request on a connection of its own, answered with 200. */
export function answers(url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, signal: AbortSignal.timeout(lookMsMax) }
    const asking = get(url, options, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode === 200))
      answer.once('error', reject)
    })
    asking.once('error', reject)
  })
}

/** Answered with 200 and a text as it should be. */
export async function answersWith(url: string, isRight: (text: string) => boolean): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(slowLookMsMax) })
  return isRight(await response.text()) && response.ok
}

/** Answered, and not later than a program does that has a whole processor. */
export async function answersInTime(url: string, ms: number): Promise<boolean> {
  const from = performance.now()
  return (await answers(url)) && performance.now() - from < ms
}

/** A small file is taken in and kept; a new one each time, because one that is overwritten makes room for itself. */
export async function storesFile(url: string): Promise<boolean> {
  const form = new FormData()
  form.set('image', new Blob([new Uint8Array(4096)]), `${randomUUID()}.bin`)
  const { ok, body } = await fetch(`${url}/upload/image`, { method: 'POST', body: form })
  await body?.cancel()
  return ok
}
