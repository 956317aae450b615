/**
 * A program that dies again and again, as one with a bad configuration or too little memory does under a supervisor:
 * killed, started again, left alive for the interval, killed. A client sees a server that keeps coming back and
 * forgetting. After the last time it is left alive.
 */
import type { Unit } from '../environment/engine.ts'
import { sleep } from '../support/clock.ts'
import type { Fault } from './fault.ts'
import { revive, waitForEnd } from './kill.ts'

export const crashLoop: Fault<'crash-loop'> = {
  kind: 'crash-loop',
  summary: 'kills the process several times, starting it again each time',
  available: () => ({ available: true, rung: 'engine' }),
  async inject({ times, intervalMs }, { unit, intend }) {
    const withdraw = await intend({ kind: 'restart', unit: unit.name })
    const dead: (number | undefined)[] = []
    const healing = new AbortController()
    await killOnce(unit, dead)
    const goOn = async (): Promise<void> => {
      for (let turn = 1; turn < times && !healing.signal.aborted; turn++) {
        await revive(unit)
        await sleep(intervalMs, healing.signal).catch(() => undefined)
        if (!healing.signal.aborted) await killOnce(unit, dead)
      }
      await revive(unit)
      await withdraw()
    }
    const looping = goOn()
    return {
      over: looping.catch(() => undefined),
      async heal() {
        healing.abort()
        await looping
      },
      receipt: () => ({
        bit: dead.length > 1,
        rung: 'engine',
        evidence: `killed ${dead.length} of ${times} times: processes ${dead.join(', ') || 'none'}`,
      }),
    }
  },
}

/** Adds the process to the dead if it is. */
async function killOnce(unit: Unit, dead: (number | undefined)[]): Promise<void> {
  const { pid } = await unit.inspect()
  await unit.kill('SIGKILL')
  if ((await waitForEnd(unit)).status === 'exited') dead.push(pid)
}
