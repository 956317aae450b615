/**
 * One unit of the process engine: a child process in a process group of its own, so that a Ctrl-C at the terminal
 * reaches the harness only, and so that killing or stopping the unit reaches whatever it spawned, as with a container.
 *
 * Statistics are those of the main process alone; what a unit spawns is not counted.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { deadline } from '../support/deadline.ts'
import { codeOf, messageOf } from '../support/errors.ts'
import { pollUntil } from '../support/poll.ts'
import type { OpenFiles } from './abilities.ts'
import type { LogLine, Placement, ProcessProgram, Unit, UnitState, UnitStats } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { type LogBook, openLogBook } from './log-book.ts'
import { openFilesOf } from './open-files.ts'
import { processRow } from './process-table.ts'

/** SIGKILL and SIGSTOP act at once; on a machine under load the kernel may need some time slices. */
const signalBudgetMs = 5000
/** Output pipes close with the program, unless something it spawned and that left its group holds them. */
const drainBudgetMs = 250

export type ProcessUnitOptions = {
  readonly placement: Placement
  readonly program: ProcessProgram
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>
  /** Called with each process id, before anything else can happen to the process. */
  readonly register: (pid: number) => void
}

type Child = ChildProcessByStdio<null, Readable, Readable>

/** One life of the program. */
type Life = { readonly pid: number; readonly ended: Promise<void>; exitCode?: number; paused: boolean }

export class ProcessUnit implements Unit {
  readonly name: string
  readonly placement: Placement
  readonly openFiles?: OpenFiles
  readonly #options: ProcessUnitOptions
  readonly #book: LogBook = openLogBook()
  #life: Life | undefined

  constructor(options: ProcessUnitOptions) {
    this.name = options.placement.name
    this.placement = options.placement
    this.#options = options
    if (process.platform === 'linux') {
      this.openFiles = openFilesOf(this.name, async () => this.#living('reach').pid)
    }
  }

  /** Starts the program. @throws EngineError `unit-failed`, e.g. when the command does not exist. */
  async start(): Promise<void> {
    const { program, env, placement, register } = this.#options
    const child = spawn(program.command, program.args, {
      cwd: placement.dataFolder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    if (child.pid === undefined) throw await this.#spawnFailure(child)
    register(child.pid)
    this.#life = this.#follow(child, child.pid)
  }

  async restart(): Promise<void> {
    if (this.#running()) {
      throw new EngineError('already-running', `Cannot restart ${this.name}: it runs; kill or stop it first`)
    }
    await this.start()
  }

  async inspect(): Promise<UnitState> {
    const life = this.#life
    if (life && life.exitCode === undefined) {
      return { status: life.paused ? 'paused' : 'running', pid: life.pid }
    }
    return { status: 'exited', ...(life?.exitCode !== undefined && { exitCode: life.exitCode }) }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const life = this.#living(`send ${signal} to`)
    // A container dies as a whole when its first process is killed; other signals reach that process only.
    const sent = sendSignal(signal === 'SIGKILL' ? -life.pid : life.pid, signal)
    if (signal === 'SIGKILL') await this.#gone(life)
    else if (!sent) throw this.#notRunning(`send ${signal} to`)
  }

  async stop(options: { readonly graceMs: number }): Promise<void> {
    const life = this.#life
    if (!life || life.exitCode !== undefined) return
    sendSignal(life.pid, 'SIGTERM')
    if (life.paused) await this.unpause()
    using grace = deadline(options.graceMs, `stop ${this.name}`)
    await grace.race(life.ended).catch(() => undefined)
    if (life.exitCode === undefined) await this.kill('SIGKILL')
  }

  async pause(): Promise<void> {
    const life = this.#living('pause')
    sendSignal(-life.pid, 'SIGSTOP')
    await pollUntil({
      what: `${this.name} is stopped`,
      everyMs: 1,
      budgetMs: signalBudgetMs,
      probe: () => {
        const state = processRow(life.pid)?.state
        return state === 'T' || state === undefined
          ? { done: true, value: undefined }
          : { done: false, saw: `process state ${state}` }
      },
    })
    life.paused = true
  }

  async unpause(): Promise<void> {
    const life = this.#living('unpause')
    sendSignal(-life.pid, 'SIGCONT')
    life.paused = false
  }

  async stats(): Promise<UnitStats> {
    const row = processRow(this.#living('measure').pid)
    if (!row) throw this.#notRunning('measure')
    return { cpuSeconds: row.cpuSeconds, memoryBytes: row.memoryBytes }
  }

  onLine(listener: (line: LogLine) => void): Disposable {
    return this.#book.onLine(listener)
  }

  logs(): readonly LogLine[] {
    return this.#book.lines()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running()) await this.kill('SIGKILL')
  }

  #running(): boolean {
    return this.#life !== undefined && this.#life.exitCode === undefined
  }

  #living(verb: string): Life {
    const life = this.#life
    if (!life || life.exitCode !== undefined) throw this.#notRunning(verb)
    return life
  }

  #notRunning(verb: string): EngineError {
    return new EngineError('not-running', `Cannot ${verb} ${this.name}: it does not run; restart it first`)
  }

  async #gone(life: Life): Promise<void> {
    using limit = deadline(signalBudgetMs, `see ${this.name} end after SIGKILL`)
    await limit.race(life.ended)
  }

  async #spawnFailure(child: Child): Promise<EngineError> {
    const { command } = this.#options.program
    const error = await new Promise<Error>((resolve) => child.once('error', resolve))
    const why = codeOf(error) === 'ENOENT' ? 'no such program' : messageOf(error)
    const advice = `check that "${command}" is installed and may be run`
    return new EngineError('unit-failed', `Cannot start ${this.name}: ${why}: ${command}; ${advice}`, {
      cause: error,
    })
  }

  /** Collects the output and the end of one life. It counts as ended when its output was read to the end. */
  #follow(child: Child, pid: number): Life {
    child.stdout.on('data', (chunk: Buffer) => this.#book.write('stdout', chunk))
    child.stderr.on('data', (chunk: Buffer) => this.#book.write('stderr', chunk))
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
    })
    const end = async (): Promise<void> => {
      const exitCode = await exited
      // What is left of its group dies too, as in a container; usually nothing is left.
      sendSignal(-pid, 'SIGKILL')
      using limit = deadline(drainBudgetMs, 'drain')
      await limit.race(closed).catch(() => undefined)
      this.#book.flush()
      life.exitCode = exitCode
    }
    const life: Life = { pid, ended: end(), paused: false }
    return life
  }
}

/** @returns false when there is no such process (group) any more. */
function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    // macOS says EPERM for a group of which only zombies are left.
    if (codeOf(error) === 'ESRCH' || codeOf(error) === 'EPERM') return false
    throw error
  }
}
