import { describe, expect, test } from 'vitest'
import type { Unit, UnitState } from '../environment/engine.ts'
import type { FaultStep } from '../spec/fault-plan.ts'
import type { FaultTarget } from './fault.ts'
import type { NemesisEvent } from './injection.ts'
import { playPlan } from './nemesis.ts'

const step: FaultStep = {
  when: { afterMs: 0 },
  forMs: 20,
  on: 'comfyui',
  fault: { kind: 'kill', signal: 'SIGKILL' },
}

const everybody = { seed: 1, candidates: ['comfyui', 'wan2gp'], blastRadiusMax: 3 } as const

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
        ...everybody,
        target: (_step, on) => ({ unit: on === 'comfyui' ? stuck : other, intend: unguarded }),
        reached: async () => true,
        emit: (event) => events.push(event),
        healMsMax: 1000,
        over: new AbortController().signal,
        signal: new AbortController().signal,
      }),
    ).rejects.toThrow('no memory')
    expect(events.filter((event) => event.what === 'failed').map((event) => event.on)).toEqual(['comfyui'])
    expect((await other.inspect()).pid).toBe(2)
  })
})

describe('a plan of several steps', () => {
  const noop = { ...step, fault: { kind: 'noop' }, forMs: 1 } as const
  const told = (events: readonly NemesisEvent[]): string[] =>
    events.map((event) => `${event.step}.${event.round} ${event.on} ${event.what}`)

  test('a step that waits for another begins when that one is healed', async () => {
    const after: FaultStep = { ...noop, when: { afterStep: 0, delayMs: 5 } }
    const events = told(await play({ plan: [{ ...noop, forMs: 30 }, after], target: obedientUnit() }))
    expect(events.indexOf('1.0 comfyui intent')).toBeGreaterThan(events.indexOf('0.0 comfyui healed'))
  })

  test('and never, when that one never came', async () => {
    const after: FaultStep = { ...noop, when: { afterStep: 0, delayMs: 0 } }
    const events = await play({
      plan: [noop, after],
      target: obedientUnit(),
      reached: async () => false,
    })
    expect(told(events).filter((line) => line.endsWith('failed'))).toEqual([
      '0.0 comfyui failed',
      '1.0 comfyui failed',
    ])
  })

  test('a repeated step is played round by round, until its moment no longer comes', async () => {
    let left = 3
    const repeated: FaultStep = { ...noop, when: { everyMs: 20, fromMs: 0 } }
    const events = await play({ plan: [repeated], target: obedientUnit(), reached: async () => left-- > 0 })
    expect(told(events).filter((line) => line.endsWith('healed'))).toEqual([
      '0.0 comfyui healed',
      '0.1 comfyui healed',
      '0.2 comfyui healed',
    ])
    expect(told(events).filter((line) => line.endsWith('failed'))).toEqual([])
  })

  test('all candidates are hit side by side', async () => {
    const events = told(await play({ plan: [{ ...noop, on: 'all', forMs: 30 }], target: obedientUnit() }))
    expect(events.indexOf('0.0 wan2gp active')).toBeLessThan(events.indexOf('0.0 comfyui healed'))
  })

  test('a second fault of the same claim is refused, not injected, and breaks nothing', async () => {
    const second: FaultStep = { ...step, when: { jobsDone: 1 }, fault: { kind: 'pause' } }
    const events = await play({ plan: [{ ...step, forMs: 50 }, second], target: obedientUnit() })
    expect(events.find((event) => event.step === 1 && event.what === 'failed')?.error).toBe(
      'kill of comfyui was in force already',
    )
    expect(told(events)).toContain('0.0 comfyui healed')
  })

  test('a process that died of what it went without is started again', async () => {
    const target = obedientUnit()
    const starved: FaultStep = { ...noop, fault: { kind: 'cpu', cpus: 0.1 }, forMs: 20 }
    const group = {
      asUpdate: async () => ({}),
      limit: async () => undefined,
      usage: async () => used,
    }
    const used = { throttledPeriods: 0, memoryBytes: 0, tasks: 0 }
    const events = await play({
      plan: [starved],
      target: { ...target, controlGroup: group },
      onEvent: (event) => event.what === 'active' && target.kill('SIGKILL'),
    })
    expect((await target.inspect()).status).toBe('running')
    expect(events.at(-1)?.receipt?.evidence).toContain('its process had ended and was started again')
  })

  test('a fault that is over by itself is not held longer', async () => {
    const loop: FaultStep = {
      ...step,
      forMs: 60_000,
      fault: { kind: 'crash-loop', times: 3, intervalMs: 1 },
    }
    const events = await play({ plan: [loop], target: obedientUnit() })
    expect(events.at(-1)?.receipt?.evidence).toBe('killed 3 of 3 times: processes 1, 2, 3')
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
    ...everybody,
    target: () => ({ unit: options.target, intend: options.intend ?? unguarded }),
    reached: options.reached ?? (async () => true),
    emit: (event) => {
      events.push(event)
      options.onEvent?.(event)
    },
    healMsMax: 1000,
    over: new AbortController().signal,
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
