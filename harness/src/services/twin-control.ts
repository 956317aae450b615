/** The control port of a twin, as far as faults need it. */
import { request } from 'undici'
import { SquallError } from '../support/errors.ts'

/** A twin answers its control port in a few ms; a frozen one never does. */
const controlMsMax = 5_000

/** What a protocol fault asks of its target. */
export type TwinControl = {
  /** For the reaper, which may have to heal in the harness's place. Never logged. */
  readonly token: string
  /** Arms a fault. Resolves to its id. @throws SquallError `fault-refused` */
  arm(fault: unknown): Promise<string>
  /** Ends a fault. One that is gone already, with its process, is fine. */
  heal(id: string): Promise<void>
}

/** @param url base address of the control port */
export function twinControl(url: string, token: string): TwinControl {
  const ask = async (method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> => {
    const { statusCode, body: answer } = await request(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, connection: 'close' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(controlMsMax),
    })
    return { status: statusCode, json: (await answer.json()) as Answer['json'] }
  }
  return {
    token,
    arm: async (fault) => {
      const { status, json } = await ask('POST', '/faults', fault)
      if (status === 201 && json.id !== undefined) return json.id
      throw new SquallError(
        'fault-refused',
        json.error?.message ?? `Cannot arm the fault: HTTP ${status}; see the twin's log`,
      )
    },
    heal: async (id) => {
      const { status, json } = await ask('DELETE', `/faults/${id}`)
      if (status !== 200 && status !== 404) {
        throw new SquallError('fault-refused', json.error?.message ?? `Cannot heal ${id}: HTTP ${status}`)
      }
    },
  }
}

type Answer = {
  readonly status: number
  readonly json: { readonly id?: string; readonly error?: { readonly message: string } }
}
