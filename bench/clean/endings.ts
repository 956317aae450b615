/** The ways a run ends before its time. Each starts the run as a program and ends it at its moment. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EngineKind } from '@squall/harness'
import { pause } from '../clock.ts'
import type { SmallDisk } from './small-disk.ts'

export type Start = {
  readonly engine: EngineKind
  /** Of the trial; the run's folder `.runs` is in it. */
  readonly folder: string
  /** The experiment, as a file in the folder. */
  readonly plan: string
  /** From the first fault's turn to the end. */
  readonly momentMs: number
}

export type Ending = {
  readonly name: string
  /** The folder of the trial is on a disk of its own, which fills up. */
  readonly onSmallDisk?: true
  start(how: Start): ChildProcess
  /** Called when the first fault had its turn; resolves when the end has begun. */
  end(run: ChildProcess, how: Start, disk: SmallDisk | undefined): Promise<void>
}

const squall = fileURLToPath(new URL('../../harness/src/cli/main.ts', import.meta.url))
const throwingSubject = fileURLToPath(new URL('programs/throwing-subject.ts', import.meta.url))
const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')))
const vitestConfig = fileURLToPath(new URL('programs/vitest.config.ts', import.meta.url))

export const endings: readonly Ending[] = [
  ...(['SIGKILL', 'SIGINT', 'SIGTERM'] as const).map(bySignal),
  {
    name: 'exception',
    start: (how) => startSquall(how, ['--subject', throwingSubject], { THROW_AFTER_MS: how.momentMs + 500 }),
    end: async (run) => {
      if (run.exitCode === null && run.signalCode === null) await once(run, 'exit')
    },
  },
  {
    name: 'exception in a test',
    start: ({ engine, folder, plan, momentMs }) =>
      spawn(process.execPath, [vitest, 'run', '--config', vitestConfig], {
        stdio: 'ignore',
        cwd: folder,
        env: { ...process.env, ...{ ENGINE: engine, PLAN: plan, THROW_AFTER_MS: String(momentMs + 500) } },
      }),
    end: async (run, { folder }) => {
      while (!existsSync(join(folder, 'thrown'))) {
        if (run.exitCode !== null) throw new Error('the test ended before it threw')
        await pause(5)
      }
    },
  },
  {
    name: 'full disk',
    onSmallDisk: true,
    start: (how) => startSquall(how),
    end: async (_run, { momentMs }, disk) => {
      await pause(momentMs)
      disk?.fill()
    },
  },
  {
    name: 'full disk, SIGKILL',
    onSmallDisk: true,
    start: (how) => startSquall(how),
    end: async (run, { momentMs }, disk) => {
      await pause(momentMs)
      disk?.fill()
      run.kill('SIGKILL')
    },
  },
]

function bySignal(signal: NodeJS.Signals): Ending {
  return {
    name: signal,
    start: (how) => startSquall(how),
    end: async (run, { momentMs }) => {
      await pause(momentMs)
      run.kill(signal)
    },
  }
}

function startSquall(
  { engine, folder, plan }: Start,
  more: readonly string[] = [],
  env: Readonly<Record<string, number>> = {},
): ChildProcess {
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]))
  return spawn(process.execPath, [squall, 'run', plan, '--engine', engine, '--runs', folder, ...more], {
    stdio: 'ignore',
    env: { ...process.env, ...variables },
  })
}
