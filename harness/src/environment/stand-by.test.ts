/** What is started ahead is given out once, to the life it was started for, and never left over. */
import { expect, test } from 'vitest'
import { StandBy } from './stand-by.ts'

function agents() {
  const closed: number[] = []
  const ends: (() => void)[] = []
  let started = 0
  const start = async (life: string) => {
    const number = ++started
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    ends.push(resolve)
    const close = async () => void closed.push(number)
    return { agent: { number, close, gone }, life }
  }
  return { start, closed, end: (number: number) => ends[number - 1]?.(), count: () => started }
}

test('the one that stands by is given out, once', async () => {
  const { start, count } = agents()
  const ahead = new StandBy(() => start('first'))
  await ahead.begin()
  await ahead.begin()
  expect(count()).toBe(1)
  expect((await ahead.take('first'))?.number).toBe(1)
  expect(await ahead.take('first')).toBeUndefined()
})

test('one that is still starting is waited for', async () => {
  const { start } = agents()
  const ahead = new StandBy(() => start('first'))
  void ahead.begin()
  expect((await ahead.take('first'))?.number).toBe(1)
})

test('one of an earlier life is closed and not given out', async () => {
  const { start, closed } = agents()
  const ahead = new StandBy(() => start('first'))
  await ahead.begin()
  expect(await ahead.take('second')).toBeUndefined()
  expect(closed).toEqual([1])
})

test('one that has gone meanwhile is not given out', async () => {
  const { start, end } = agents()
  const ahead = new StandBy(() => start('first'))
  await ahead.begin()
  end(1)
  expect(await ahead.take('first')).toBeUndefined()
})

test('one that could not be started is nobody’s error but of who needs it', async () => {
  const ahead = new StandBy(() => Promise.reject(new Error('no image')))
  await ahead.begin()
  expect(await ahead.take('first')).toBeUndefined()
})

test('at the end it is closed, started or still starting, and none comes after', async () => {
  const { start, closed, count } = agents()
  const ahead = new StandBy(() => start('first'))
  void ahead.begin()
  await ahead[Symbol.asyncDispose]()
  expect(closed).toEqual([1])
  await ahead.begin()
  expect(count()).toBe(1)
})
