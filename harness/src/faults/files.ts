/**
 * Lets the target open no more files and sockets: new connections are accepted by nobody, files cannot be opened, what
 * is closed makes no room, and what is open works on. The receipt is a connection of our own that came to nothing.
 */
import { Client } from 'undici'
import type { Unit } from '../environment/engine.ts'
import { EngineError } from '../environment/engine-error.ts'
import type { Availability, Fault } from './fault.ts'

/** A server of this machine answers at once, whatever it answers. */
const trialMsMax = 1_000

export const files: Fault<'files'> = {
  kind: 'files',
  summary: 'lets the process open no more files and sockets',
  available: ({ engine, platform, prlimit }): Availability => {
    if (engine === 'docker') return { available: true, rung: 'prlimit from a container beside it' }
    if (platform !== 'linux') {
      return { available: false, reason: `${platform} has no way to limit a running process` }
    }
    if (!prlimit) return { available: false, reason: 'the program prlimit (util-linux) is not installed' }
    return { available: true, rung: 'prlimit' }
  },
  prepare: async ({ unit }) => await unit.openFiles?.prepare?.(),
  async inject({ spare }, { unit, intend }) {
    const openFiles = unit.openFiles
    if (openFiles === undefined) {
      throw new EngineError(
        'unit-failed',
        `Cannot limit the open files of ${unit.name}: its engine has no way to; use another kind`,
      )
    }
    const before = await openFiles.count()
    const undo = openFiles.undo(before.limit)
    const withdraw = undo && (await intend(undo))
    // Numbers are given out from the lowest that is free, so the highest allowed decides whether there is one more. With
    // none to spare it is 0: else whatever is closed would make room again.
    const max = spare === 0 ? 0 : before.firstFree + spare
    await openFiles.limit(max)
    const trial = spare === 0 ? await tryConnection(unit) : undefined
    let last = trial
    let healed = false
    return {
      async heal() {
        if (healed) return
        if ((await unit.inspect()).status === 'exited') await unit.restart()
        else {
          last ??= await tryConnection(unit)
          await openFiles.limit(before.limit)
        }
        await openFiles.close()
        await withdraw?.()
        healed = true
      },
      receipt: () => ({
        bit: last?.refused === true,
        rung: 'prlimit',
        evidence: `${spare} more than the ${before.open} open; a new connection ${last?.saw ?? 'was not tried yet'}`,
      }),
    }
  },
}

type Trial = { readonly refused: boolean; readonly saw: string }

/** One request to the target on a connection of its own. Any answer means that it was accepted. */
async function tryConnection(unit: Unit): Promise<Trial> {
  const [port] = Object.values(unit.placement.ports)
  if (port === undefined) return { refused: false, saw: 'could not be tried: it has no port' }
  const { host, port: number } = port.outside
  const client = new Client(`http://${host}:${number}`)
  try {
    const signal = AbortSignal.timeout(trialMsMax)
    const { statusCode } = await client.request({ path: '/', method: 'GET', signal })
    return { refused: false, saw: `was answered with HTTP ${statusCode}` }
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError'
    return { refused: true, saw: isTimeout ? `stayed silent for ${trialMsMax} ms` : 'was closed unanswered' }
  } finally {
    await client.destroy()
  }
}
