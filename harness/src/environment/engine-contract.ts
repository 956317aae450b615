/**
 * What every engine promises, as one set of tests that both varieties run (process-engine.test.ts,
 * docker-engine.docker.test.ts). Everything is observed from outside: by requests to the units, by signals, by what
 * is left on the machine.
 */
import { describe, expect, test } from 'vitest'
import { nowMs } from '../support/clock.ts'
import { messageOf } from '../support/errors.ts'
import { pollUntil } from '../support/poll.ts'
import { serverEnvironment, serverSource, shortLivedSource, stubbornSource } from './contract-server.ts'
import {
  abandonedRun,
  answering,
  budgetMs,
  exited,
  firstLine,
  lastWords,
  linesOf,
  newRunId,
  oomField,
  outside,
  spoken,
  squatter,
  text,
} from './contract-watch.ts'
import type { Engine, LogLine, Placement, Unit, UnitSpec } from './engine.ts'
import type { Leftover } from './leftovers.ts'
import { readReport } from './reaper-reports.ts'

export type ContractHost = {
  open(runId: string): Promise<Engine>
  /** Source text for `node -e` as a program of this engine. */
  program(source: string): UnitSpec['program']
  /** A program that cannot be started. */
  readonly impossible: UnitSpec['program']
  /** Arguments of abandoned-run.ts after the run id. */
  readonly abandonedArguments: () => readonly string[]
  leftovers(runId: string): Promise<readonly Leftover[]>
}

export function engineContract(host: ContractHost): void {
  const server = async (
    engine: Engine,
    name: string,
  ): Promise<{ placement: Placement; unit: Unit; url: string }> => {
    const placement = await engine.place(name, { http: 8188 })
    const env = { ...serverEnvironment(placement), GREETING: 'hello' }
    const unit = await engine.start({ placement, env, program: host.program(serverSource) })
    const url = outside(placement)
    await answering(url)
    return { placement, unit, url }
  }
  const bare = async (engine: Engine, name: string, source: string): Promise<Unit> => {
    const placement = await engine.place(name, {})
    return await engine.start({ placement, env: {}, program: host.program(source) })
  }

  addressTests(host, server)
  lifeTests(host, server)
  endTests(host, bare, server)
  leftoverTests(host, server)
}

type StartServer = (
  engine: Engine,
  name: string,
) => Promise<{ placement: Placement; unit: Unit; url: string }>
type StartBare = (engine: Engine, name: string, source: string) => Promise<Unit>

function addressTests(host: ContractHost, server: StartServer): void {
  describe('addresses', () => {
    test('a unit answers at the address it was placed at, with its environment', async () => {
      await using engine = await host.open(newRunId())
      const { url, unit } = await server(engine, 'first')
      expect(await text(`${url}/variable?name=GREETING`)).toBe('hello')
      expect(await text(`${url}/variable?name=SQUALL_RUN`)).toBe(engine.runId)
      expect(await text(`${url}/variable?name=SQUALL_UNIT`)).toBe('first')
      expect(await unit.inspect()).toMatchObject({ status: 'running', pid: expect.any(Number) })
    })

    test('units reach each other by their inside addresses', async () => {
      await using engine = await host.open(newRunId())
      const [first, second] = await Promise.all([server(engine, 'first'), server(engine, 'second')])
      const inside = second.placement.ports['http']?.inside
      const target = encodeURIComponent(`http://${inside?.host}:${inside?.port}/variable?name=SQUALL_UNIT`)
      expect(await text(`${first.url}/fetch?url=${target}`)).toBe('second')
    })

    test('a name is given once', async () => {
      await using engine = await host.open(newRunId())
      await engine.place('only', {})
      await expect(engine.place('only', {})).rejects.toMatchObject({ code: 'name-conflict' })
    })

    test('a port that somebody took meanwhile does not go unnoticed', async () => {
      await using engine = await host.open(newRunId())
      const placement = await engine.place('late', { http: 8188 })
      await using _squatter = await squatter(placement.ports['http']?.outside.port ?? 0)
      const spec = { placement, env: serverEnvironment(placement), program: host.program(serverSource) }
      // Docker binds the port itself and refuses; a process finds out by itself and says so in its log.
      const said = await engine.start(spec).then(
        (unit) => lastWords(unit),
        (error: unknown) => `${(error as { code?: string }).code} ${messageOf(error)}`,
      )
      expect(said).toMatch(/port-in-use Cannot start late: port \d+ .* is in use|EADDRINUSE/)
    })
  })
}

function lifeTests(host: ContractHost, server: StartServer): void {
  describe('a life', () => {
    test('killed and restarted, a unit keeps its address and its data folder', async () => {
      await using engine = await host.open(newRunId())
      const { unit, url } = await server(engine, 'victim')
      const before = await unit.inspect()
      await text(`${url}/write?text=precious`)
      await unit.kill('SIGKILL')
      expect(await unit.inspect()).toEqual({
        status: 'exited',
        exitCode: 137,
        ...oomField(await unit.inspect()),
      })
      await expect(text(url)).rejects.toThrow('fetch failed')
      await expect(unit.kill('SIGTERM')).rejects.toMatchObject({ code: 'not-running' })
      await unit.restart()
      await answering(url)
      expect(await text(`${url}/read`)).toBe('precious')
      const after = await unit.inspect()
      expect(after.status).toBe('running')
      expect(after.pid).not.toBe(before.pid)
      await expect(unit.restart()).rejects.toMatchObject({ code: 'already-running' })
      expect(linesOf(unit.logs(), 'stdout')).toEqual([
        expect.stringContaining('listening'),
        expect.stringContaining('listening'),
      ])
    })

    test('paused, a unit answers nothing; unpaused, it answers what was asked meanwhile', async () => {
      await using engine = await host.open(newRunId())
      const { unit, url } = await server(engine, 'sleeper')
      await unit.pause()
      expect((await unit.inspect()).status).toBe('paused')
      let answered = false
      const asking = text(url).then((answer) => {
        answered = true
        return answer
      })
      await expect(fetch(url, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/)
      expect(answered).toBe(false)
      await unit.unpause()
      expect(await asking).toBe('up')
      expect((await unit.inspect()).status).toBe('running')
    })

    test('statistics grow with what the unit uses', async () => {
      await using engine = await host.open(newRunId())
      const { unit, url } = await server(engine, 'worker')
      const before = await unit.stats()
      await text(`${url}/burn?ms=300`)
      const after = await unit.stats()
      expect(after.cpuSeconds - before.cpuSeconds).toBeGreaterThan(0.28)
      expect(after.cpuSeconds).toBeLessThan(60)
      expect(after.memoryBytes).toBeGreaterThan(1_000_000)
      const dying = unit.stats().catch((error: unknown) => error)
      await unit.kill('SIGKILL')
      expect(await dying).not.toMatchObject({ cpuSeconds: 0 })
      await expect(unit.stats()).rejects.toMatchObject({ code: 'not-running' })
    })
  })
}

function endTests(host: ContractHost, bare: StartBare, server: StartServer): void {
  describe('an end', () => {
    test('no line of a program that dies at once is lost', async () => {
      await using engine = await host.open(newRunId())
      const unit = await bare(engine, 'brief', shortLivedSource)
      await exited(unit)
      expect(await unit.inspect()).toMatchObject({ status: 'exited', exitCode: 3 })
      expect(linesOf(unit.logs(), 'stdout')).toEqual(['first', 'second ü'])
      expect(linesOf(unit.logs(), 'stderr')).toEqual(['the reason'])
      const replayed: LogLine[] = []
      using _subscription = unit.onLine((line) => void replayed.push(line))
      expect(replayed).toEqual(unit.logs())
      await unit.restart()
      await pollUntil({
        what: 'the second life is heard',
        everyMs: 10,
        budgetMs,
        probe: () =>
          replayed.length === 6
            ? { done: true, value: undefined }
            : { done: false, saw: `${replayed.length} lines` },
      })
    })

    test('stop is polite first', async () => {
      await using engine = await host.open(newRunId())
      const { unit } = await server(engine, 'polite')
      await unit.stop({ graceMs: budgetMs })
      expect(await unit.inspect()).toMatchObject({ status: 'exited', exitCode: 0 })
      await unit.stop({ graceMs: 0 })
    })

    test('stop does not wait longer than the grace, and a paused unit can be stopped', async () => {
      await using engine = await host.open(newRunId())
      const unit = await bare(engine, 'stubborn', stubbornSource)
      await spoken(unit, 'stubborn')
      await unit.pause()
      await unit.stop({ graceMs: 200 })
      expect(await unit.inspect()).toMatchObject({ status: 'exited', exitCode: 137 })
      expect(linesOf(unit.logs(), 'stdout')).toEqual(['stubborn', 'not now'])
    })

    test('a program that cannot be started says what to do', async () => {
      await using engine = await host.open(newRunId())
      const placement = await engine.place('nothing', {})
      const starting = engine.start({ placement, env: {}, program: host.impossible })
      await expect(starting).rejects.toMatchObject({
        code: expect.stringMatching(/unit-failed|image-missing/),
        message: expect.stringMatching(/^Cannot start nothing: .+; .+/),
      })
    })
  })
}

function leftoverTests(host: ContractHost, server: StartServer): void {
  describe('afterwards', () => {
    test('dispose leaves nothing, whatever state the units are in', async () => {
      const runId = newRunId()
      const engine = await host.open(runId)
      const [, paused, killed] = await Promise.all(['a', 'b', 'c'].map((name) => server(engine, name)))
      await paused?.unit.pause()
      await killed?.unit.kill('SIGKILL')
      expect((await host.leftovers(runId)).length).toBeGreaterThan(1)
      await engine[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
      expect(await host.leftovers(runId)).toEqual([])
      await expect(engine.place('d', {})).rejects.toMatchObject({ code: 'engine-closed' })
    })

    test('two runs at once do not disturb each other', async () => {
      await using one = await host.open(newRunId())
      const kept = await server(one, 'same')
      const other = await host.open(newRunId())
      const gone = await server(other, 'same')
      expect(await text(`${gone.url}/variable?name=SQUALL_RUN`)).toBe(other.runId)
      await other[Symbol.asyncDispose]()
      expect(await text(`${kept.url}/variable?name=SQUALL_RUN`)).toBe(one.runId)
    })

    test('nothing is left 5 s after SIGKILL of the harness, and the fault in force was healed', async ({
      annotate,
    }) => {
      const runId = newRunId()
      const harness = abandonedRun(runId, host.abandonedArguments())
      await firstLine(harness)
      expect((await host.leftovers(runId)).length).toBeGreaterThan(1)
      const killedAt = nowMs()
      harness.kill('SIGKILL')
      await gone(host, runId)
      const tookMs = Math.round(nowMs() - killedAt)
      await annotate(`clean ${tookMs} ms after SIGKILL`)
      expect(tookMs).toBeLessThan(5000)
      await hasHealedPause(runId, 'the harness was gone')
    })

    test('a harness that is stopped for longer than its lease is taken for gone, and hears of it', async ({
      onTestFinished,
    }) => {
      const runId = newRunId()
      const harness = abandonedRun(runId, host.abandonedArguments(), 1000)
      onTestFinished(() => void harness.kill('SIGKILL'))
      await firstLine(harness)
      harness.kill('SIGSTOP')
      await gone(host, runId)
      await hasHealedPause(runId, 'the harness was silent for longer than its lease')
      const told = firstLine(harness)
      harness.kill('SIGCONT')
      expect(await told).toBe('reaper-lost')
    })
  })
}

function gone(host: ContractHost, runId: string): Promise<void> {
  return pollUntil({
    what: `nothing of ${runId} is left`,
    everyMs: 20,
    budgetMs,
    probe: async () => {
      const left = (await host.leftovers(runId)).map(({ kind, name }) => `${kind} ${name}`)
      return left.length === 0 ? { done: true, value: undefined } : { done: false, saw: left.join(', ') }
    },
  })
}

/** The reaper writes its report when it has seen that nothing is left, so we may see that first. */
async function hasHealedPause(runId: string, why: string): Promise<void> {
  const healed = [{ undo: 'unpause paused', outcome: 'healed' }]
  await expect.poll(() => readReport(runId), { timeout: budgetMs }).toMatchObject({ why, healed, left: [] })
}
