import { expect, test } from 'vitest'
import type { StartedTwin } from '../start-twin.ts'
import { startProbe } from '../testing/probe-twin.ts'
import type { Action } from './fault.ts'

const point = 'probe.stream.number'

/** The numbers of the stream as they come, and how it ended: `end`, `broken`, or `open` if it is silent. */
async function numbers(twin: StartedTwin, patienceMs = 1000): Promise<string> {
  let text = ''
  let end = 'end'
  try {
    const response = await fetch(`${twin.url}/stream`, { signal: AbortSignal.timeout(patienceMs) })
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString()
  } catch (error) {
    end = (error as Error).name === 'TimeoutError' ? 'open' : 'broken'
  }
  const seen = text.split('\n\n').map((event) => event.replace(/^data: \{"number":(\d)\}$/, '$1'))
  return `${seen.join(' ').trim()} ${end}`
}

const third = { match: { number: 3 } }

const cases: readonly [Action, seen: RegExp][] = [
  [{ kind: 'drop' }, /^1 2 4 5 end$/],
  [{ kind: 'duplicate' }, /^1 2 3 3 4 5 end$/],
  [{ kind: 'duplicate', times: 3 }, /^1 2 3 3 3 3 4 5 end$/],
  [{ kind: 'reorder' }, /^1 2 4 3 5 end$/],
  [{ kind: 'reorder', by: 2 }, /^1 2 4 5 3 end$/],
  [{ kind: 'reorder', by: 99 }, /^1 2 4 5 3 end$/],
  [{ kind: 'delay', ms: 20 }, /^1 2 3 4 5 end$/],
  [{ kind: 'stall' }, /^1 2 open$/],
  [{ kind: 'cut' }, /^1 2 data: \{"num? broken$/],
  [{ kind: 'cut', afterBytes: 4 }, /^1 2 data broken$/],
  [{ kind: 'close' }, /^1 2 end$/],
  [{ kind: 'reset' }, /broken$/],
  [{ kind: 'corrupt' }, /^1 2 (?!3 ).+ 4 5 end$/],
]

test.each(cases)('a message meets %j', async (action, seen) => {
  const twin = await startProbe()
  await twin.break({ point, action, when: third })
  expect(await numbers(twin)).toMatch(seen)
  expect(twin.faults.list()).toMatchObject([{ seen: 1, applied: 1 }])
  twin.faults.healAll()
  expect(await numbers(twin)).toBe('1 2 3 4 5 end')
})

test('what a stall has held goes out in order when it is healed', async () => {
  const twin = await startProbe()
  await twin.break({ point, action: { kind: 'stall' }, when: third })
  const seen = numbers(twin, 5000)
  await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
  twin.faults.healAll()
  expect(await seen).toBe('1 2 3 4 5 end')
})

test.each([
  ['every second', { every: 2 }, '1 3 5 end'],
  ['the fourth', { nth: 4 }, '1 2 3 5 end'],
  ['at most two', { times: 2 }, '3 4 5 end'],
  ['always', { probability: 1 }, ' end'],
  ['never', { probability: 0 }, '1 2 3 4 5 end'],
])('a fault hits %s', async (_name, when, seen) => {
  const twin = await startProbe()
  await twin.break({ point, action: { kind: 'drop' }, when })
  expect(await numbers(twin)).toBe(seen)
})

test('chance follows from the seed', async () => {
  const runs: string[] = []
  for (let run = 0; run < 2; run++) {
    const twin = await startProbe()
    await twin.break({ point, action: { kind: 'drop' }, when: { probability: 0.5 } })
    for (let stream = 0; stream < 5; stream++) runs.push(await numbers(twin))
  }
  expect(runs.slice(0, 5)).toEqual(runs.slice(5))
  expect(new Set(runs).size).toBeGreaterThan(1)
})

test('of two faults the first armed one bites, and both count', async () => {
  const twin = await startProbe()
  await twin.break({ point, action: { kind: 'drop' }, when: third })
  await twin.break({ point, action: { kind: 'duplicate' }, when: { nth: 3 } })
  expect(await numbers(twin)).toBe('1 2 4 5 end')
  expect(twin.faults.list()).toMatchObject([
    { seen: 1, applied: 1 },
    { seen: 5, applied: 0 },
  ])
})
