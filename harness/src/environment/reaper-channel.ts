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
  /** Resolves with what it told, if anything, when it has acknowledged. @throws Error when it refuses, or is gone. */
  ask(request: ReaperRequest): Promise<unknown>
  /** See Engine. @throws EngineError `reaper-lost` */
  intend(undo: Undo): Promise<Withdraw>
  /** Called each time the reaper asks to heal everything that is in force. */
  onRecall(listener: () => void): void
  /** Tells that the harness lives, from now on until the line ends. @param onDeaf Told when the answers stay away. */
  keepAlive(ttlMs: number, onDeaf: (why: string) => void): void
  /** The last word, if there is one to say; ends the line. */
  end(request?: ReaperRequest): void
}

type Waiting = { readonly resolve: (told: unknown) => void; readonly reject: (error: Error) => void }

export function openReaperChannel(input: Readable, output: Writable): ReaperChannel {
  const waiting: Waiting[] = []
  let isClosed = false
  let beating: Disposable | undefined
  let intents = 0
  const recalled: (() => void)[] = []
  readLines(input, (line) => {
    if (line === 'HEAL') {
      for (const listener of recalled) listener()
      return
    }
    const asked = waiting.shift()
    if (/^ACK( |$)/.test(line)) asked?.resolve(toldIn(line))
    else asked?.reject(new Error(`answered ${JSON.stringify(line)}`))
  })
  const close = (): void => {
    isClosed = true
    beating?.[Symbol.dispose]()
    for (const asked of waiting.splice(0)) asked.reject(new Error('connection closed without an answer'))
  }
  input.once('close', close)
  const ask = (request: ReaperRequest): Promise<unknown> => {
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
      return () => ask({ kind: 'withdraw', id }).then(nothing, nothing)
    },
    onRecall: (listener) => void recalled.push(listener),
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
      output.end(request && formatRequest(request))
    },
  }
}

/** The JSON after the word, if there is any. */
function toldIn(line: string): unknown {
  return line === 'ACK' ? undefined : JSON.parse(line.slice('ACK '.length))
}

function nothing(): void {}
