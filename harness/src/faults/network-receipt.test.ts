import { parseImpairmentText, type Receipt } from '@squall/netem'
import { describe, expect, test } from 'vitest'
import { packetReceipt } from './network-receipt.ts'

const nothing = { seen: 0, lost: 0 }

function receipt(more: Partial<Receipt>): Receipt {
  const [rung, device] = ['userspace', 'eth0'] as const
  return {
    rung,
    steppedDown: [],
    device,
    isSeeded: true,
    failsOpen: true,
    impairments: ['x'],
    before: nothing,
    after: nothing,
    ...more,
  }
}

function told(text: string, ...lives: Receipt[]) {
  return packetReceipt(
    lives.map((it) => ({ receipt: it, state: 'over' })),
    [parseImpairmentText(text)],
  )
}

describe('whether packets were harmed', () => {
  test.each([
    ['seen only', 'loss 50%', { seen: 9, lost: 0, delivered: 9, passed: 4 }, false],
    ['lost', 'loss 50%', { seen: 9, lost: 1 }, true],
    ['delayed', 'delay 1ms', { seen: 9, lost: 0, delayed: 9 }, true],
    ['corrupted', 'corrupt 1%', { seen: 9, lost: 0, corrupted: 1 }, true],
    ['over the limit', 'delay 1ms limit 1', { seen: 9, lost: 0, overLimit: 1 }, true],
  ])('userspace: %s', (_what, text, after, bit) => {
    expect(told(text, receipt({ after })).bit).toBe(bit)
  })

  test.each([
    ['a delay strikes each that is seen', 'delay 1ms', { seen: 9, lost: 0 }, true],
    ['of a delay of nothing there is no trace', 'delay 0ms', { seen: 9, lost: 0 }, false],
    ['of a few duplicates neither', 'duplicate 1%', { seen: 9, lost: 0 }, false],
    ['a loss is counted', 'loss 1%', { seen: 9, lost: 1 }, true],
    ['and may not have happened', 'loss 1%', { seen: 9, lost: 0 }, false],
    ['nothing seen, nothing struck', 'delay 1ms', { seen: 0, lost: 0 }, false],
  ])('kernel, which counts less: %s', (_what, text, after, bit) => {
    expect(told(text, receipt({ rung: 'kernel', after })).bit).toBe(bit)
  })

  test('what was lost before is not its doing', () => {
    const before = { seen: 5, lost: 5 }
    expect(told('loss 50%', receipt({ before, after: before })).bit).toBe(false)
  })

  test('one life is enough, and each is told', () => {
    const two = told('loss 50%', receipt({ after: { seen: 4, lost: 2 } }), receipt({}))
    expect(two.bit).toBe(true)
    expect(two.evidence).toBe('x on eth0: 4 packets seen, 2 lost; then x on eth0: 0 packets seen')
    expect(two.packets).toHaveLength(2)
  })
})

test('packets that were not handed on, or let by, are told', () => {
  const after = { seen: 9, lost: 0, delayed: 9, failed: 2, slipped: 4 }
  expect(told('delay 1ms', receipt({ after })).evidence).toBe(
    'x on eth0: 9 packets seen, 9 delayed, 2 not handed on, 4 let by because the agent was stopped',
  )
})

test('packets that were late are marked', () => {
  const late = { packets: 3, maxMs: 12.5, boundMs: 5 }
  expect(told('delay 1ms', receipt({ after: { seen: 9, lost: 0, delayed: 9 }, late })).evidence).toBe(
    'x on eth0: 9 packets seen, 9 delayed; ' +
      'LATE: 3 handed on over 5 ms late (at most 12.5 ms), so delays were longer than asked for',
  )
})

test('an agent that went without a word is no evidence', () => {
  const life = { receipt: receipt({ after: { seen: 9, lost: 9 } }), state: 'unknown' } as const
  const { bit, evidence } = packetReceipt([life], [parseImpairmentText('loss 50%')])
  expect({ bit, evidence }).toEqual({ bit: false, evidence: expect.stringContaining('is not known') })
})
