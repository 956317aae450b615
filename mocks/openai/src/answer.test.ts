/** The answer is a pure function of prompt, seed and limit. */
import { expect, test } from 'vitest'
import { composeAnswer, countTokens } from './answer.ts'

test('composeAnswer gives the same text for the same prompt and seed only', () => {
  const answer = composeAnswer({ prompt: 'user: rain?', seed: 7 })
  expect(composeAnswer({ prompt: 'user: rain?', seed: 7 })).toEqual(answer)
  expect(composeAnswer({ prompt: 'user: rain?', seed: 8 }).text).not.toBe(answer.text)
  expect(composeAnswer({ prompt: 'user: snow?', seed: 7 }).text).not.toBe(answer.text)
})

test('composeAnswer cuts at the limit and says so', () => {
  const whole = composeAnswer({ prompt: 'p', seed: 1 })
  const cut = composeAnswer({ prompt: 'p', seed: 1, tokensMax: 3 })
  expect(whole).toMatchObject({ finishReason: 'stop' })
  expect(whole.tokens.length).toBeGreaterThanOrEqual(16)
  expect(cut).toMatchObject({ finishReason: 'length', tokens: whole.tokens.slice(0, 3) })
  expect(composeAnswer({ prompt: 'p', seed: 1, tokensMax: 1000 })).toEqual(whole)
})

test('composeAnswer takes an exact length', () => {
  const { tokens, finishReason } = composeAnswer({ prompt: 'p', seed: 1, tokens: 200 })
  expect({ length: tokens.length, finishReason }).toEqual({ length: 200, finishReason: 'stop' })
})

test('composeAnswer uses characters beyond ASCII', () => {
  const { text } = composeAnswer({ prompt: 'p', seed: 1, tokens: 200 })
  expect(Buffer.byteLength(text, 'utf8')).toBeGreaterThan(text.length)
})

test('countTokens counts words', () => {
  expect(countTokens('  one two\nthree ')).toBe(3)
})
