import { expect, test } from 'vitest'
import { createJournalRecord } from './journal-record.ts'

test('a reader gets each line once and is told what it came too late for', () => {
  const record = createJournalRecord()
  const add = (count: number): void => {
    for (let n = 0; n < count; n++) record.add({ at: 0, event: 'x' })
  }
  add(3)
  expect(record.after(0)).toMatchObject({ next: 3, missed: 0 })
  expect(record.after(2).lines).toHaveLength(1)
  expect(record.after(99)).toMatchObject({ lines: [], next: 3, missed: 0 })
  add(49_997)
  const late = record.after(3)
  expect(late.lines.length + late.missed).toBe(49_997)
  expect(late.lines.length).toBeLessThanOrEqual(20_000)
  expect(record.after(late.next)).toMatchObject({ lines: [], missed: 0 })
})
