import { describe, expect, test } from 'vitest'
import type { Unit, UnitState } from '../environment/engine.ts'
import type { FaultStep } from '../spec/fault-plan.ts'
import type { FaultTarget } from './fault.ts'
import { type NemesisEvent, playPlan } from './nemesis.ts'

const step: FaultStep = {
  when: { afterMs: 0 },
  forMs: 20,
  on: 'comfyui',
  fault: { kind: 'kill', signal: 'SIGKILL' },
}

describe('playPlan', () => {
  test('plays a step from intent to heal, and the receipt proves the bite', async () => {
    const target = obedientUnit()
    const events = await play({ plan: [step], target })
    expect(events.map((event) => event.what)).toEqual(['waiting', 'intent', 'active', 'healing', 'healed'])
    expect(events.at(-1)?.receipt).toEqual({
      bit: true,
      rung: 'engine',
      evidence: 'process 1 ended by SIGKILL (exit code 137), process 2 after the restart',
    })
  })

  test('the receipt is negative when the kill does nothing', async () => {
    const events = await play({ plan: [{ ...step, forMs: 1 }], target: immortalUnit() })
    expect(events.at(-1)?.receipt?.bit).toBe(false)
    expect(events.at(-1)?.receipt?.evidence).toBe('process 1 survived SIGKILL, process 1 after the restart')
  }, 10_000)

  test('the intent is there before the harm, and is taken back after the heal', async () => {
    const target = obedientUnit()
    const log: string[] = []
    const intend: FaultTarget['intend'] = async (undo) => {
      log.push(`${undo.kind} ${undo.unit} while ${(await target.inspect()).status}`)
      return async () => void log.push(`withdrawn while ${(await target.inspect()).status}`)
    }
    await play({ plan: [step], target, intend })
    await play({ plan: [{ ...step, fault: { kind: 'pause' } }], target, intend })
    expect(log).toEqual([
      'restart unit while running',
      'withdrawn while running',
      'unpause unit while running',
      'withdrawn while running',
    ])
  })

  test('without the intent no harm is done', async () => {
    const target = obedientUnit()
    const intend = (): Promise<never> => Promise.reject(new Error('the reaper is gone'))
    await expect(play({ plan: [step], target, intend })).rejects.toThrow('the reaper is gone')
    expect(await target.inspect()).toEqual({ status: 'running', pid: 1 })
  })

  test('a step whose moment never comes is not injected', async () => {
    const target = obedientUnit()
    const events = await play({ plan: [step], target, reached: async () => false })
    expect(events.map((event) => event.what)).toEqual(['waiting', 'failed'])
    expect((await target.inspect()).pid).toBe(1)
  })

  test('a cancelled run heals at once what is active', async () => {
    const cancel = new AbortController()
    const target = obedientUnit()
    const played = play({
      plan: [{ ...step, forMs: 60_000 }],
      target,
      signal: cancel.signal,
      onEvent: (event) => event.what === 'active' && cancel.abort(new Error('Ctrl-C')),
    })
    expect((await played).map((event) => event.what)).toContain('healed')
    expect((await target.inspect()).status).toBe('running')
  })

  test('a heal that fails is reported and thrown, after the other steps were healed', async () => {
    const stuck = { ...obedientUnit(), restart: () => Promise.reject(new Error('no memory')) }
    const other = obedientUnit()
    const events: NemesisEvent[] = []
    const plan = [step, { ...step, on: 'wan2gp' } as const]
    await expect(
      playPlan({
        plan,
        target: ({ on }) => ({ unit: on === 'comfyui' ? stuck : other, intend: unguarded }),
        reached: async () => true,
        emit: (event) => events.push(event),
        healMsMax: 1000,
        signal: new AbortController().signal,
      }),
    ).rejects.toThrow('no memory')
    expect(events.filter((event) => event.what === 'failed').map((event) => event.on)).toEqual(['comfyui'])
    expect((await other.inspect()).pid).toBe(2)
  })
})

/** As if a reaper took note. */
const unguarded: FaultTarget['intend'] = async () => async () => undefined

async function play(options: {
  plan: readonly FaultStep[]
  target: Unit
  intend?: FaultTarget['intend']
  reached?: () => Promise<boolean>
  signal?: AbortSignal
  onEvent?: (event: NemesisEvent) => unknown
}): Promise<NemesisEvent[]> {
  const events: NemesisEvent[] = []
  await playPlan({
    plan: options.plan,
    target: () => ({ unit: options.target, intend: options.intend ?? unguarded }),
    reached: options.reached ?? (async () => true),
    emit: (event) => {
      events.push(event)
      options.onEvent?.(event)
    },
    healMsMax: 1000,
    signal: options.signal ?? new AbortController().signal,
  })
  return events
}

/** A unit in memory that does as it is told; the engines' own tests show that real ones do too. */
function obedientUnit(): Unit {
  let state: UnitState = { status: 'running', pid: 1 }
  let starts = 1
  return {
    name: 'unit',
    placement: { name: 'unit', ports: {}, dataFolder: '/data' },
    inspect: async () => state,
    kill: async () => {
      state = { status: 'exited', exitCode: 137 }
    },
    restart: async () => {
      starts += 1
      state = { status: 'running', pid: starts }
    },
    stop: async () => undefined,
    pause: async () => {
      state = { ...state, status: 'paused' }
    },
    unpause: async () => {
      state = { ...state, status: 'running' }
    },
    stats: async () => ({ cpuSeconds: 0, memoryBytes: 0 }),
    onLine: () => ({ [Symbol.dispose]: () => undefined }),
    logs: () => [],
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function immortalUnit(): Unit {
  return { ...obedientUnit(), kill: async () => undefined }
}
