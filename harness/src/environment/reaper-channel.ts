/**
 * The harness's end of the line to its reaper, whichever it is: requests go out in order and each is answered. While
 * it is open the reaper hears regularly that the harness lives, and a reaper that answers no more is taken for lost.
 */
import type { Readable, Writable } from 'node:stream'
import { every } from '../support/clock.ts'
import { EngineError } from './engine-error.ts'
import { looksPerTtl } from './reaper/lease.ts'
import { readLines } from './reaper/lines.ts'
import { formatRequest, type ReaperRequest } from './reaper/request.ts'
import type { Undo } from './reaper/undo/undo.ts'

/**
 * How long a harness may be silent (stopped, hung) before its reaper heals and removes what it had. Garbage collection
 * and a judged history of a million events take a second or two; a machine under load, some more.
 */
export const defaultTtlMs = 15_000

/** Takes an intent back once the fault is healed. It never throws: a reaper that is lost is told elsewhere. */
export type Withdraw = () => Promise<void>

export type ReaperChannel = {
  /** Resolves when the reaper has acknowledged. @throws Error when it refuses, or is gone. */
  ask(request: ReaperRequest): Promise<void>
  /** See Engine. @throws EngineError `reaper-lost` */
  intend(undo: Undo): Promise<Withdraw>
  /** Tells that the harness lives, from now on until the line ends. @param onDeaf Told when the answers stay away. */
  keepAlive(ttlMs: number, onDeaf: (why: string) => void): void
  /** The last word; ends the line. */
  end(request: ReaperRequest): void
}

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void }

export function openReaperChannel(input: Readable, output: Writable): ReaperChannel {
  const waiting: Waiting[] = []
  let isClosed = false
  let beating: Disposable | undefined
  let intents = 0
  readLines(input, (line) => {
    const asked = waiting.shift()
    if (line === 'ACK') asked?.resolve()
    else asked?.reject(new Error(`answered ${JSON.stringify(line)}`))
  })
  const close = (): void => {
    isClosed = true
    beating?.[Symbol.dispose]()
    for (const asked of waiting.splice(0)) asked.reject(new Error('connection closed without an answer'))
  }
  input.once('close', close)
  const ask = (request: ReaperRequest): Promise<void> => {
    if (isClosed) return Promise.reject(new Error('the connection is closed'))
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      output.write(formatRequest(request))
    })
  }
  return {
    ask,
    intend: async (undo) => {
      const id = String(++intents)
      try {
        await ask({ kind: 'intend', id, undo })
      } catch (cause) {
        const state = `its reaper did not take note of how to ${undo.kind} ${undo.unit}`
        throw new EngineError('reaper-lost', `Cannot harm ${undo.unit}: ${state}; run it again`, { cause })
      }
      return () => ask({ kind: 'withdraw', id }).catch(() => undefined)
    },
    keepAlive: (ttlMs, onDeaf) => {
      let unanswered = 0
      const beat = (): void => {
        if (unanswered > looksPerTtl) {
          // Nobody is to wait for its answers any more: healing must go on without them.
          close()
          onDeaf(`its reaper has not answered for ${ttlMs} ms`)
          return
        }
        unanswered++
        ask({ kind: 'alive', ttlMs }).then(
          () => {
            unanswered = 0
          },
          () => undefined,
        )
      }
      beat()
      beating = every(ttlMs / looksPerTtl, beat)
    },
    end: (request) => {
      beating?.[Symbol.dispose]()
      output.end(formatRequest(request))
    },
  }
}
