/** Both majors of the real client that users run, behind one shape. */
import { AssertionError } from 'node:assert'
import { Client as NewClient } from '@gradio/client'
import { Client as OldClient } from 'gradio-client-1'
import type { ChainClient } from './chain.ts'

/** A connected client; closing it ends its streams. */
export type Connection = { readonly client: ChainClient; readonly close: () => void }

/** Connects a client of each version. */
export const clientVersions: Readonly<Record<ClientVersion, (url: string) => Promise<Connection>>> = {
  '2.7': async (url) => {
    const client = await NewClient.connect(url, { events: ['data', 'status'] })
    return { client: client as unknown as ChainClient, close: () => client.close() }
  },
  '1.14': async (url) => {
    const client = await OldClient.connect(url, { events: ['data', 'status'] })
    return { client: client as unknown as ChainClient, close: () => client.close() }
  },
}

/** Versions by the first two numbers. */
export type ClientVersion = '1.14' | '2.7'

/** What a promise came to: `resolved …`, `rejected …`, or `hangs` if nothing within the patience. */
export async function outcomeOf(promise: Promise<unknown>, patienceMs: number): Promise<string> {
  const limit = AbortSignal.timeout(patienceMs)
  const expired = new Promise<string>((resolve) => {
    limit.addEventListener('abort', () => resolve('hangs'))
  })
  const settled = promise.then(
    (value) =>
      `resolved ${value === undefined ? 'undefined' : JSON.stringify((value as { data: unknown }).data)}`,
    (reason: unknown) => `rejected ${textOf(reason)}`,
  )
  return await Promise.race([settled, expired])
}

/** The message of an Error, or of the plain object that the old client throws. */
function textOf(reason: unknown): string {
  if (typeof reason === 'object' && reason !== null && 'message' in reason) return String(reason.message)
  throw new AssertionError({ message: `a rejection without a message: ${JSON.stringify(reason)}` })
}
