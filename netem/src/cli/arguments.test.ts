import { describe, expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'

const named = ['--container', 'comfyui']

test('one impairment, quoted or not, and a time', () => {
  const expected = { container: 'comfyui', impairments: [{ delay: { meanMs: 100 } }], forMs: 60_000 }
  expect(parseArguments([...named, 'delay 100ms', '--for', '1m'])).toMatchObject(expected)
  expect(parseArguments([...named, '--for', '1m', 'delay', '100ms'])).toMatchObject(expected)
})

test('several are separated by commas, and presets are known', () => {
  expect(parseArguments([...named, 'delay 1ms direction in, loss 5%'])).toMatchObject({
    impairments: [{ delay: { meanMs: 1 }, direction: 'in' }, { loss: { percent: 5 } }],
    forMs: undefined,
  })
  expect(parseArguments([...named, '3g'])).toMatchObject({
    impairments: [{ direction: 'in' }, { direction: 'out' }],
  })
})

test('help wins', () => {
  expect(parseArguments(['--help'])).toBe('help')
})

describe('refused', () => {
  test.each<[string[], RegExp]>([
    [['delay 1ms'], /no container is named/],
    [['--container', '', 'delay 1ms'], /no container is named/],
    [named, /no impairment is named/],
    [[...named, 'loss 110%'], /the loss is 110 %/],
    [[...named, 'delay 1ms,'], /it names no effect/],
    [[...named, 'delay 1ms', '--for', 'ever'], /"ever" is no time/],
    [[...named, 'delay 1ms', '--for', '0s'], /"0s" is no time/],
    [[...named, 'delay 1ms', '--for', '5'], /"5" is no time/],
    [[...named, 'delay 1ms', '--fro', '5s'], /Unknown option '--fro'/],
  ])('%j', (argv, reason) => {
    expect(() => parseArguments(argv)).toThrow(reason)
  })
})
