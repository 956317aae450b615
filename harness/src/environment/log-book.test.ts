/** The log book: lines survive any cut of their bytes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogLine } from './engine.ts'
import { openLogBook } from './log-book.ts'

const texts = (lines: readonly LogLine[]): string[] => lines.map((line) => line.text)

test('lines are the same however their bytes are cut', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text))
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(20)), (lines, cuts) => {
      const book = openLogBook()
      let bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
      for (const cut of cuts) {
        book.write('stdout', bytes.subarray(0, cut))
        bytes = bytes.subarray(cut)
      }
      book.write('stdout', bytes)
      book.flush()
      expect(texts(book.lines())).toEqual(lines)
    }),
  )
})

test('streams are kept apart, and line ends of Windows go', () => {
  const book = openLogBook()
  book.write('stdout', Buffer.from('one'))
  book.write('stderr', Buffer.from('other\r\n'))
  book.write('stdout', Buffer.from(' line\r\n'))
  expect(book.lines().map(({ stream, text }) => [stream, text])).toEqual([
    ['stderr', 'other'],
    ['stdout', 'one line'],
  ])
})

test('what has no line end becomes a line at the end of the program', () => {
  const book = openLogBook()
  book.write('stderr', Buffer.from('last words'))
  expect(book.lines()).toEqual([])
  book.flush()
  book.flush()
  expect(texts(book.lines())).toEqual(['last words'])
})

test('a listener hears the past first, and nothing after it was disposed', () => {
  const book = openLogBook()
  const heard: string[] = []
  book.write('stdout', Buffer.from('past\n'))
  const subscription = book.onLine((line) => void heard.push(line.text))
  book.write('stdout', Buffer.from('present\n'))
  subscription[Symbol.dispose]()
  book.write('stdout', Buffer.from('future\n'))
  expect(heard).toEqual(['past', 'present'])
})

test('a line without end does not grow for ever', () => {
  const book = openLogBook()
  for (let i = 0; i < 3; i++) book.write('stdout', Buffer.alloc(600_000, 'x'))
  expect(book.lines()[0]?.text.length).toBe(1_000_000)
})
