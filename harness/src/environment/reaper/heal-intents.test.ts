/** The order in which faults are undone, and what one that cannot be undone does to the others. */
import { expect, test } from 'vitest'
import { healIntents } from './heal-intents.ts'
import type { Undo, UndoOutcome } from './undo/undo.ts'

const undos: readonly Undo[] = [
  { kind: 'restart', unit: 'one' },
  { kind: 'unpause', unit: 'one' },
  { kind: 'unpause', unit: 'two' },
]

function nameOf({ kind, unit }: Undo): string {
  return `${kind} ${unit}`
}

test('of each unit the last fault is undone first', async () => {
  const order: string[] = []
  const healed = await healIntents(undos, async (undo) => {
    order.push(nameOf(undo))
    return 'healed'
  })
  expect(order.filter((name) => name.endsWith('one'))).toEqual(['unpause one', 'restart one'])
  expect(healed.map(({ undo, outcome }) => `${undo}: ${outcome}`)).toEqual([
    'unpause two: healed',
    'unpause one: healed',
    'restart one: healed',
  ])
})

test('one that cannot be undone is told and keeps no other from it, one that hangs keeps no other unit from it', async () => {
  const done: string[] = []
  void healIntents(undos, async (undo) => {
    if (undo.unit === 'two') await new Promise(() => undefined)
    if (undo.kind === 'unpause') throw new Error('the engine is busy')
    done.push(nameOf(undo))
    return 'healed'
  })
  await expect.poll(() => done).toEqual(['restart one'])
  const healed = await healIntents(undos, async ({ kind }) => {
    if (kind === 'unpause') throw new Error('the engine is busy')
    return 'healed'
  })
  expect(healed.map(({ outcome, error }) => error ?? outcome)).toEqual([
    'the engine is busy',
    'the engine is busy',
    'healed',
  ])
})

test('a fault that comes into force only after the first look is undone by the second', async () => {
  const looks: string[] = []
  const healed = await healIntents(undos, async (undo): Promise<UndoOutcome> => {
    looks.push(nameOf(undo))
    const isLate = undo.unit === 'two' && looks.filter((name) => name === 'unpause two').length === 1
    return isLate ? 'not needed' : 'healed'
  })
  expect(looks.at(-1)).toBe('unpause two')
  expect(looks).toHaveLength(4)
  expect(healed.map(({ outcome }) => outcome)).toEqual(['healed', 'healed', 'healed'])
})

test('what was intended twice is undone once', async () => {
  const healed = await healIntents([...undos, ...undos], async () => 'healed')
  expect(healed).toHaveLength(3)
})
