import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueHeap } from './due-heap.ts'

test('slots leave by due time, and in the order of arrival when that is the same', () => {
  const operations = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(operations, (steps) => {
      // Starts small, so that it has to grow.
      const heap = new DueHeap(2)
      const held: { due: number; slot: number }[] = []
      const left: number[] = []
      const expected: number[] = []
      for (const [slot, due] of steps.entries()) {
        if (due !== undefined) {
          heap.push(due, slot)
          held.push({ due, slot })
        } else if (held.length > 0) {
          const first = held.reduce((best, it) => (it.due < best.due ? it : best))
          held.splice(held.indexOf(first), 1)
          expected.push(first.due, first.slot)
          left.push(heap.firstDueMs, heap.pop())
        }
      }
      expect(left).toEqual(expected)
      expect(heap.size).toBe(held.length)
    }),
  )
})

test('an empty heap is due never', () => {
  expect(new DueHeap().firstDueMs).toBe(Number.POSITIVE_INFINITY)
})
