/** The order in which faults are undone, and what one that cannot be undone does to the others. */
import { expect, test } from 'vitest'
import { healIntents } from './heal-intents.ts'
import type { Undo, UndoOutcome } from './undo/undo.ts'

const units = ['first', 'second', 'third']
const undos = units.map((unit): Undo => ({ kind: 'unpause', unit }))

test('the last fault is undone first', async () => {
  const order: string[] = []
  const healed = await healIntents(undos, async ({ unit }) => {
    order.push(unit)
    return 'healed'
  })
  expect(order).toEqual(['third', 'second', 'first'])
  expect(healed.map(({ undo, outcome }) => `${undo}: ${outcome}`)).toEqual([
    'unpause third: healed',
    'unpause second: healed',
    'unpause first: healed',
  ])
})

test('one that cannot be undone is told and keeps no other from it', async () => {
  const healed = await healIntents(undos, async ({ unit }) => {
    if (unit === 'second') throw new Error('the engine is busy')
    return 'healed'
  })
  expect(healed.map(({ outcome, error }) => error ?? outcome)).toEqual([
    'healed',
    'the engine is busy',
    'healed',
  ])
})

test('a fault that comes into force only after the first look is undone by the second', async () => {
  const looks: string[] = []
  const healed = await healIntents(undos, async ({ unit }): Promise<UndoOutcome> => {
    looks.push(unit)
    const isLate = unit === 'second' && looks.filter((name) => name === 'second').length === 1
    return isLate ? 'not needed' : 'healed'
  })
  expect(looks).toEqual(['third', 'second', 'first', 'second'])
  expect(healed.map(({ outcome }) => outcome)).toEqual(['healed', 'healed', 'healed'])
})
