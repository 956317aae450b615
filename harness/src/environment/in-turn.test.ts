import { expect, test } from 'vitest'
import { inTurn } from './in-turn.ts'

test('each begins when the one before has ended, also when that failed', async () => {
  const next = inTurn()
  const seen: string[] = []
  const first = Promise.withResolvers<string>()
  const one = next(() => first.promise)
  const two = next(async () => {
    seen.push('two began')
    return 'two'
  })
  expect(seen).toEqual([])
  first.reject(new Error('one failed'))
  await expect(one).rejects.toThrow('one failed')
  expect(await two).toBe('two')
  expect(seen).toEqual(['two began'])
})
