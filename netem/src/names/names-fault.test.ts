import { decode, encode } from 'dns-packet'
import { expect, test } from 'vitest'
import { failingAnswer, namesAsked } from './dns-message.ts'
import { parseNamesFault, writeNamesFault } from './names-fault.ts'

test('every failure, and as text', () => {
  for (const failure of ['nxdomain', 'servfail', 'silence', { slowMs: 1500 }]) {
    expect(parseNamesFault({ names: ['upstream', 'db.lan.'], failure })).toMatchObject({ failure })
  }
  expect(writeNamesFault({ names: ['a', 'b'], failure: { slowMs: 5 } })).toBe('5 ms late for a, b')
  expect(writeNamesFault({ names: ['a'], failure: 'servfail' })).toBe('servfail for a')
})

test.each<[unknown, RegExp]>([
  [{ names: [], failure: 'nxdomain' }, /no name is named/],
  [{ names: ['a b'], failure: 'nxdomain' }, /a name is like upstream or db\.lan/],
  [{ names: ['a'], failure: 'refused' }, /one of nxdomain, servfail, silence/],
  [{ names: ['a'], failure: { slowMs: 0 } }, /1 to 60000 ms|one of nxdomain/],
  [{ names: ['a'] }, /"failure"/],
  [undefined, /Cannot use this fault of names/],
])('%j is refused', (input, reason) => {
  expect(() => parseNamesFault(input)).toThrow(
    expect.objectContaining({ code: 'bad-impairment', message: expect.stringMatching(reason) }),
  )
})

test('a question is read, whatever its letters, and answered with its own number and text', () => {
  const question = encode({
    id: 77,
    type: 'query',
    flags: 0x01_00,
    questions: [{ type: 'AAAA', name: 'UpStream' }],
  })
  expect(namesAsked(question)).toEqual(['upstream'])
  const answer = failingAnswer(question, 'nxdomain')
  expect(decode(answer)).toMatchObject({
    id: 77,
    type: 'response',
    answers: [],
    questions: [{ name: 'UpStream' }],
  })
  // QR, RD and RA, and NXDOMAIN.
  expect(answer.readUInt16BE(2)).toBe(0x81_83)
  expect(failingAnswer(question, 'servfail').readUInt16BE(2)).toBe(0x81_82)
})

test('what is no question asks for nothing', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(5), Buffer.alloc(12), Buffer.alloc(40, 0xff)]) {
    expect(namesAsked(bytes)).toEqual([])
  }
})
