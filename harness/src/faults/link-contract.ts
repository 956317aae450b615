/**
 * What harm to connections promises, as tests that each engine runs: the proxy stands before a real program of that
 * engine. What each harm does to bytes is netem's to test.
 */
import { connect } from 'node:net'
import { openLink } from '@squall/netem'
import { describe, expect, test } from 'vitest'
import { answering, budgetMs, text } from '../environment/contract-watch.ts'
import type { FaultSpec } from '../spec/fault-plan.ts'
import { linkFaultSchema } from '../spec/link-fault.ts'
import { nowMs } from '../support/clock.ts'
import { faultCatalog } from './catalog.ts'
import type { ActiveFault, Fault } from './fault.ts'
import { type FaultHost, type Lab, openLab } from './fault-contract.ts'

type LinkedLab = Lab & { inject(spec: FaultSpec): Promise<ActiveFault> }

/** `url` is the link's. */
export async function openLinkedLab(host: FaultHost): Promise<LinkedLab> {
  const lab = await openLab(host)
  const service = lab.unit.placement.ports['http']?.outside ?? { host: '127.0.0.1', port: 0 }
  const link = await openLink({ listen: { host: '127.0.0.1', port: 0 }, service })
  return {
    ...lab,
    url: `http://${link.address.host}:${link.address.port}`,
    inject: (spec) =>
      (faultCatalog[spec.kind] as unknown as Fault).inject(spec, {
        unit: lab.unit,
        link,
        intend: () => Promise.reject(new Error('the reaper has nothing to undo of a link')),
      }),
    [Symbol.asyncDispose]: async () => {
      await link[Symbol.asyncDispose]()
      await lab[Symbol.asyncDispose]()
    },
  }
}

const harm = (fields: object): FaultSpec => linkFaultSchema.parse({ kind: 'link', ...fields })

/** What a request on a connection of its own takes. */
async function tookMs(url: string): Promise<number> {
  const beganAt = nowMs()
  expect(await (await fetch(url, { headers: { connection: 'close' } })).text()).toBe('up')
  return nowMs() - beganAt
}

export function linkFaultContract(host: FaultHost): void {
  describe('the connections of a service', () => {
    test('delay: an answer takes as much longer, until the heal', async () => {
      await using lab = await openLinkedLab(host)
      const active = await lab.inject(harm({ delay: { meanMs: 300 } }))
      expect(await tookMs(lab.url)).toBeGreaterThanOrEqual(598)
      await active.heal()
      await active.heal()
      expect(await tookMs(lab.url)).toBeLessThan(300)
      const { bit, rung, evidence } = active.receipt()
      expect([bit, rung]).toEqual([true, 'link'])
      expect(evidence).toMatch(/^delay 300ms seed \d+: 1 connections struck, \d+ writes delayed/)
    })

    test('stall: open and silent; healed, the same request is answered', async () => {
      await using lab = await openLinkedLab(host)
      const active = await lab.inject(harm({ stall: {} }))
      let answer: string | undefined
      const asking = fetch(lab.url).then(async (response) => {
        answer = await response.text()
      })
      await expect(fetch(lab.url, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/)
      expect(answer).toBeUndefined()
      await active.heal()
      await asking
      expect(answer).toBe('up')
      expect(active.receipt()).toMatchObject({
        bit: true,
        evidence: expect.stringContaining('streams stalled'),
      })
    })

    test('reset in the middle of an answer: the client sees it break', async () => {
      await using lab = await openLinkedLab(host)
      const active = await lab.inject(harm({ direction: 'down', reset: { afterBytes: 20 } }))
      await expect(text(lab.url)).rejects.toThrow(/fetch failed|terminated/)
      await active.heal()
      expect(await answering(lab.url)).toBe('up')
      expect(active.receipt()).toMatchObject({ bit: true, evidence: expect.stringContaining('1 reset') })
    })

    test('a closed port refuses everybody; healed, it is the same port', async () => {
      await using lab = await openLinkedLab(host)
      const active = await lab.inject(harm({ refuse: 'closed' }))
      expect(await connectError(lab.url)).toBe('ECONNREFUSED')
      await active.heal()
      expect(await answering(lab.url)).toBe('up')
      expect(active.receipt()).toMatchObject({
        bit: true,
        evidence: expect.stringContaining('a connection of our own was refused'),
      })
    })

    test('the address outlives the service, and so does the harm', async () => {
      await using lab = await openLinkedLab(host)
      const active = await lab.inject(harm({ delay: { meanMs: 300 }, direction: 'down' }))
      await lab.unit.kill('SIGKILL')
      await expect(text(lab.url)).rejects.toThrow('fetch failed')
      await lab.unit.restart()
      await answering(lab.url)
      expect(await tookMs(lab.url)).toBeGreaterThanOrEqual(299)
      await active.heal()
    })

    test('nobody came by: it has not bitten', async () => {
      await using lab = await openLinkedLab(host)
      const active = await lab.inject(harm({ reset: {}, delay: { meanMs: 5 } }))
      await active.heal()
      expect(active.receipt()).toMatchObject({ bit: false, evidence: expect.stringMatching(/met nothing$/) })
    })
  })
}

/** The error of a bare connection, undefined if it is made. */
function connectError(url: string): Promise<string | undefined> {
  const { hostname: host, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: budgetMs })
    socket.once('connect', () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
}
