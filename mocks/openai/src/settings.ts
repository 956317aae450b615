/** What the flags of this twin say, in the units the code uses. */
import { type FlagDefinitions, type FlagValues, TwinError } from '@squall/twin-kit'
import type { TextSettings } from './chat.ts'

export const openAiFlags = {
  'first-token-ms': { type: 'string', default: '300', description: 'Simulated time before the first token' },
  'token-ms': { type: 'string', default: '20', description: 'Simulated time per token' },
  tokens: {
    type: 'string',
    description: 'Exact length of every answer; default: 16 to 48, from prompt and seed',
  },
} as const satisfies FlagDefinitions

/** @throws TwinError `bad-flag` when a flag is no number in its range; the twin does not start then. */
export function openAiSettings(flags: FlagValues): TextSettings {
  return {
    pace: {
      firstTokenMs: numberOf(flags, 'first-token-ms', 0) ?? 300,
      tokenMs: numberOf(flags, 'token-ms', 0) ?? 20,
    },
    tokens: numberOf(flags, 'tokens', 1),
  }
}

function numberOf(flags: FlagValues, name: string, min: number): number | undefined {
  const text = flags[name]
  if (text === undefined) return undefined
  const value = Number(text)
  if (typeof text === 'string' && text !== '' && Number.isFinite(value) && value >= min) return value
  const state = `--${name} is '${String(text)}'`
  throw new TwinError('bad-flag', `Cannot read the flags: ${state}; give a number from ${min}`)
}
