/** A started twin with a data folder of its own, for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fault, type FlagValues, type StartedTwin, startTwin } from '@squall/twin-kit'
import { flags, wan2gpTwin } from '../twin.ts'

/** The twin, its folder, and a way to look into its journal. Disposing removes the folder. */
export type TestTwin = AsyncDisposable & {
  readonly url: string
  readonly break: (...faults: readonly Fault[]) => Promise<void>
  readonly faults: StartedTwin['faults']
  readonly state: () => unknown
  readonly folder: string
  readonly journalled: (event: string) => StartedTwin['journal']
  /** Resolves once the journal has an event of that name. */
  readonly journalHas: (event: string) => Promise<void>
  /** Kill the server and start another on the same port and folder. */
  readonly restart: () => Promise<void>
}

/** Start a twin, fifty times faster than life. */
export async function startTestTwin(values: FlagValues = {}): Promise<TestTwin> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-wan2gp-'))
  const start = (port: number): Promise<StartedTwin> =>
    startTwin({
      ...wan2gpTwin,
      flagDefinitions: flags,
      flags: values,
      dataFolder: folder,
      timeScale: 0.02,
      port,
    })
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  let twin = await start(0).catch((error: unknown) => {
    remove()
    throw error
  })
  const journalled = (event: string): StartedTwin['journal'] =>
    twin.journal.filter((line) => line.event === event)
  return {
    url: twin.url,
    folder,
    break: (...wanted) => twin.break(...wanted),
    get faults() {
      return twin.faults
    },
    state: () => twin.state(),
    journalled,
    journalHas: async (event) => {
      while (journalled(event).length === 0) await new Promise((resolve) => setImmediate(resolve))
    },
    restart: async () => {
      const { port } = twin
      await twin[Symbol.asyncDispose]()
      twin = await start(port)
      // Sockets of the old server linger in the pool of `fetch` until it notices; the first use of each fails.
      const reachable = (): Promise<boolean> =>
        fetch(`${twin.url}/gradio_api/app_id`).then(
          ({ ok }) => ok,
          () => false,
        )
      while (!(await reachable())) await new Promise((resolve) => setImmediate(resolve))
    },
    [Symbol.asyncDispose]: async () => {
      await twin[Symbol.asyncDispose]()
      remove()
    },
  }
}
