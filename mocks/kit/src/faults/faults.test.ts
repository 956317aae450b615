import { expect, test } from 'vitest'
import { startProbe } from '../testing/probe-twin.ts'
import type { Fault } from './fault.ts'

const work = async (url: string): Promise<unknown> => (await fetch(`${url}/work`, { method: 'POST' })).json()

test('a step can be left out, fail by name, wait, and end the process', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.work', action: { kind: 'drop' }, when: { nth: 1 } })
  expect(await work(twin.url)).toEqual({ kind: 'skip' })
  await twin.break({ point: 'probe.work', action: { kind: 'fail', as: 'no-memory' }, when: { nth: 1 } })
  expect(await work(twin.url)).toEqual({ kind: 'fail', as: 'no-memory' })
  twin.faults.healAll()
  await twin.break({ point: 'probe.work', action: { kind: 'stall' } })
  const held = work(twin.url)
  await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
  expect(twin.state()).toMatchObject({ worked: 0 })
  twin.faults.healAll()
  expect(await held).toEqual({ kind: 'go' })
  await twin.break({ point: 'probe.work', action: { kind: 'crash' } })
  await expect(work(twin.url)).rejects.toThrow('fetch failed')
  await expect(work(twin.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})

test('a star covers the points that can suffer the action', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.*', action: { kind: 'status', status: 502 } })
  expect((await fetch(`${twin.url}/greet`)).status).toBe(502)
  expect((await fetch(`${twin.url}/stream`)).status).toBe(502)
  expect(await work(twin.url)).toEqual({ kind: 'go' })
})

const drop = { kind: 'drop' } as const

test.each<[unknown, RegExp]>([
  [{ point: 'probe.work' }, /action: is missing/],
  [{ point: 'probe.wrk', action: drop }, /point: no point is called 'probe\.wrk'/],
  [{ point: 'probe.works', action: drop, x: 1 }, /x: is no field of a fault/],
  [{ pont: 'probe.work', action: drop }, /pont: is no field of a fault; correct its name/],
  [{ point: 'probe.work', action: { kind: 'explode' } }, /action\.kind: is "explode"; give "drop", "delay"/],
  [
    { point: 'probe.work', action: { kind: 'cut' } },
    /cannot 'cut'; it takes drop, delay, stall, fail, crash/,
  ],
  [{ point: 'probe.work', action: { kind: 'fail', as: 'x' } }, /cannot fail as 'x'; give no-memory/],
  [{ point: 'probe.http.greet', action: { kind: 'delay', ms: -1 } }, /action\.ms: /],
  [{ point: 'probe.http.greet', action: { kind: 'delay', ms: 1e12 } }, /action\.ms: /],
  [{ point: 'probe.http.greet', action: { kind: 'status', status: 99 } }, /action\.status: /],
  [
    { point: 'probe.http.greet', action: { kind: 'status', status: 500, headers: { 'a b': 'c' } } },
    /action\.headers/,
  ],
  [
    { point: 'probe.http.greet', action: { kind: 'status', status: 500, headers: { Trailer: 'a' } } },
    /action\.headers\.Trailer: is set by the server/,
  ],
  [{ point: 'probe.stream.number', action: { kind: 'close', code: 1006 } }, /action\.code: is no WebSocket/],
  [{ point: 'probe.work', action: drop, when: { nth: 0 } }, /when\.nth: /],
  [{ point: 'probe.work', action: drop, when: { probability: 1.1 } }, /when\.probability: /],
  [
    { point: 'probe.work', action: drop, when: { match: { node: '3' } } },
    /when\.match\.node: .*no such fact/,
  ],
  [
    { point: 'probe.http.greet', action: drop, when: { match: JSON.parse('{"__proto__": 1}') as object } },
    /when\.match\.__proto__: no point/,
  ],
  [
    { point: 'probe.http.greet', action: drop, when: { match: { constructor: 'x' } } },
    /when\.match\.constructor: no point/,
  ],
  [[{ point: 'probe.work', action: drop }, { point: 'probe.work' }], /\[1\]\.action: /],
  ['drop', /^Cannot arm the fault: it: /],
])('%j is refused and nothing is armed', async (input, message) => {
  const twin = await startProbe()
  const faults = (Array.isArray(input) ? input : [input]) as Fault[]
  await expect(twin.break(...faults)).rejects.toMatchObject({
    code: 'bad-fault',
    message: expect.stringMatching(
      new RegExp(message.source.replace('^Cannot arm the fault: it', '\\[0\\]'), 'i'),
    ) as string,
  })
  expect(twin.faults.list()).toEqual([])
})
