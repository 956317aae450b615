/**
 * Public failures of ComfyUI (SCENARIOS F and section 11 of the protocol notes), each as one or two faults, seen by
 * a client. The names are those of the reports.
 */
import type { Fault, StartedTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { getJson, post, startComfyui, submit } from './testing/observed-twin.ts'
import { openRawClient, type RawClient } from './testing/raw-client.ts'
import { sd15Graph, smallGraph } from './testing/sd15-graph.ts'

type Incident = {
  readonly faults: readonly Fault[]
  /** What the client of the report went through. */
  readonly see: (twin: StartedTwin, client: RawClient) => Promise<void>
}

const drop = { kind: 'drop' } as const

async function isInHistory(twin: StartedTwin, id: string): Promise<void> {
  await expect.poll(() => getJson(`${twin.url}/history/${id}`)).toHaveProperty(id)
}

/** A ping that is answered: the connection lives, and all that was sent before has come. */
async function answersPing(client: RawClient): Promise<void> {
  const before = client.names.filter((name) => name === 'pong').length
  client.socket.ping()
  await expect.poll(() => client.names.filter((name) => name === 'pong').length).toBe(before + 1)
}

const incidents: Readonly<Record<string, Incident>> = {
  '#8395, #3128: the end of a prompt is never told; /history is the only truth': {
    faults: [
      { point: 'comfyui.ws.executing-null', action: drop },
      { point: 'comfyui.ws.execution-success', action: drop },
    ],
    see: async (twin, client) => {
      await isInHistory(twin, await submit(twin.url, smallGraph(), 'c'))
      await expect.poll(() => client.names).toContain('executed')
      await answersPing(client)
      expect(client.names.filter((name) => /success|null/.test(name))).toEqual([])
    },
  },
  '#9393: the socket stays open and silent, no FIN, no pong': {
    faults: [{ point: 'comfyui.ws.*', action: { kind: 'stall' }, when: { match: { clientId: 'c' } } }],
    see: async (twin, client) => {
      const late = openRawClient(twin.url, 'c')
      // Its handshake is a point of the same family and stalls too; the client that is open hears no more.
      client.socket.ping()
      await isInHistory(twin, await submit(twin.url, smallGraph(), 'c'))
      expect(client.names).toEqual(['hello'])
      expect([client.end(), late.names]).toEqual(['open', []])
      late.socket.terminate()
    },
  },
  '#7033: the socket dies in mid prompt; a new one hears of nothing that was': {
    faults: [{ point: 'comfyui.ws.progress', action: { kind: 'reset' }, when: { nth: 2 } }],
    see: async (twin, client) => {
      const id = await submit(twin.url, sd15Graph({ steps: 4 }), 'c')
      await expect.poll(() => client.end()).toBe(1006)
      const again = openRawClient(twin.url, 'c')
      await isInHistory(twin, id)
      await expect.poll(() => again.names).toContain('hello')
      await answersPing(again)
      expect(again.names).not.toContain('execution-start')
    },
  },
  'PR 16243: a reconnected client with the same id goes deaf': {
    faults: [{ point: 'comfyui.ws.register', action: drop }],
    see: async (twin) => {
      const again = openRawClient(twin.url, 'c2')
      await expect.poll(() => again.names).toEqual(['hello'])
      await isInHistory(twin, await submit(twin.url, smallGraph(), 'c2'))
      await answersPing(again)
      expect(again.names).toEqual(['hello', 'pong'])
    },
  },
  '#13512, #859: killed with a full queue': {
    faults: [{ point: 'comfyui.gpu.step', action: { kind: 'crash' }, when: { nth: 3 } }],
    see: async (twin, client) => {
      for (const seed of [1, 2, 3])
        await submit(twin.url, sd15Graph({ steps: 4, seed }), 'c').catch(() => 'refused')
      await expect.poll(() => client.end()).toBe(1006)
      await expect(fetch(twin.url)).rejects.toThrow('fetch failed')
    },
  },
  '#11224, #14706: out of memory, then the queue accepts and never runs': {
    faults: [
      {
        point: 'comfyui.node.execute',
        action: { kind: 'fail', as: 'out-of-memory' },
        when: { match: { node: '3' } },
      },
      { point: 'comfyui.queue.take', action: { kind: 'stall' }, when: { nth: 2 } },
    ],
    see: async (twin, client) => {
      await isInHistory(twin, await submit(twin.url, sd15Graph(), 'c'))
      await expect.poll(() => client.names).toContain('execution-error')
      const next = await submit(twin.url, smallGraph(), 'c')
      await expect.poll(() => twin.state()).toMatchObject({ running: next })
      await answersPing(client)
      expect(client.names.filter((name) => name === 'execution-start')).toHaveLength(1)
    },
  },
  '#15240: events stop for everybody, and all come at once when it ends': {
    faults: [{ point: 'comfyui.ws.publisher', action: { kind: 'stall' }, when: { nth: 1 } }],
    see: async (twin, client) => {
      const other = openRawClient(twin.url, 'other')
      await expect.poll(() => other.names).toEqual(['hello'])
      await isInHistory(twin, await submit(twin.url, smallGraph(), 'c'))
      for (const one of [client, other]) await answersPing(one)
      expect([client.names, other.names]).toEqual([
        ['hello', 'pong'],
        ['hello', 'pong'],
      ])
      twin.faults.healAll()
      await expect.poll(() => client.names).toContain('executing-null')
      await expect.poll(() => other.names).toContain('status')
    },
  },
  '#11540: execution_success before the history knows the prompt': {
    faults: [{ point: 'comfyui.history.write', action: { kind: 'stall' } }],
    see: async (twin, client) => {
      const id = await submit(twin.url, smallGraph(), 'c')
      await expect.poll(() => client.names).toContain('execution-success')
      expect(await getJson(`${twin.url}/history/${id}`)).toEqual({})
      twin.faults.healAll()
      await isInHistory(twin, id)
    },
  },
  'worker-comfyui#113: the socket dies between the submit and the first event': {
    faults: [{ point: 'comfyui.ws.execution-start', action: { kind: 'close' } }],
    see: async (twin, client) => {
      const id = await submit(twin.url, smallGraph(), 'c')
      await expect.poll(() => client.end()).toBe(1006)
      expect(client.names.filter((name) => name.startsWith('execut'))).toEqual([])
      await isInHistory(twin, id)
    },
  },
  '500, but queued (golden 08)': {
    faults: [
      {
        point: 'comfyui.answer.submit',
        action: { kind: 'status', status: 500, body: 'oops' },
        when: { nth: 1 },
      },
    ],
    see: async (twin, client) => {
      const { status, text } = await post(`${twin.url}/prompt`, { prompt: smallGraph(), client_id: 'c' })
      expect([status, text]).toEqual([500, 'oops'])
      await expect.poll(() => client.names).toContain('execution-success')
    },
  },
  'events before the HTTP answer (notes 3.3)': {
    faults: [{ point: 'comfyui.answer.submit', action: { kind: 'stall' } }],
    see: async (twin, client) => {
      let answered = false
      const submitted = submit(twin.url, smallGraph(), 'c').then((id) => {
        answered = true
        return id
      })
      await expect.poll(() => client.names).toContain('executing-null')
      expect(answered).toBe(false)
      twin.faults.healAll()
      await isInHistory(twin, await submitted)
    },
  },
  'a late and a double status (notes 11)': {
    faults: [{ point: 'comfyui.ws.status', action: { kind: 'duplicate' } }],
    see: async (twin, client) => {
      await isInHistory(twin, await submit(twin.url, smallGraph(), 'c'))
      // A prompt without others changes the queue three times.
      await expect.poll(() => client.names.filter((name) => name === 'status')).toHaveLength(6)
    },
  },
  'half a message, then nothing (notes 11)': {
    faults: [{ point: 'comfyui.ws.executed', action: { kind: 'cut' } }],
    see: async (twin, client) => {
      await submit(twin.url, smallGraph(), 'c')
      await expect.poll(() => client.end()).toBe(1006)
      expect(client.names).not.toContain('executed')
    },
  },
  'a proxy closes the socket with 1001': {
    faults: [{ point: 'comfyui.ws.executing', action: { kind: 'close', code: 1001 } }],
    see: async (twin, client) => {
      await submit(twin.url, smallGraph(), 'c')
      await expect.poll(() => client.end()).toBe(1001)
    },
  },
  'one byte of a message is another': {
    faults: [{ point: 'comfyui.ws.executed', action: { kind: 'corrupt' } }],
    see: async (twin, client) => {
      const texts: string[] = []
      client.socket.on('message', (data: Buffer) => texts.push(data.toString()))
      const id = await submit(twin.url, smallGraph(), 'c')
      await isInHistory(twin, id)
      await answersPing(client)
      const output = JSON.stringify({
        images: [{ filename: 'small_00001_.png', subfolder: '', type: 'output' }],
      })
      const data = `{"node":"2","display_node":"2","output":${output},"prompt_id":"${id}"}`
      const whole = `{"type":"executed","data":${data}}`.replaceAll(/(":|",|\},)(?!\})/g, '$1 ')
      const received = texts.find((text) => text.length === whole.length)
      expect(received).toBeDefined()
      expect(whole.split('').filter((letter, at) => letter !== received?.[at])).toHaveLength(1)
    },
  },
}

test.each(Object.entries(incidents))('%s', async (_name, { faults, see }) => {
  await using twin = await startComfyui()
  const client = openRawClient(twin.url, 'c')
  await expect.poll(() => client.names).toEqual(['hello'])
  await twin.break(...faults)
  await see(twin, client)
  expect(twin.journal.filter(({ event }) => event === 'fault-applied')).not.toEqual([])
})
