/**
 * The text a model "thinks of": words drawn by a generator that is seeded with the prompt and the twin's seed.
 * The same question to the same seed gives the same bytes, so a lost, doubled or cut answer can be recognised.
 * Some words are not ASCII on purpose: a proxy that cuts UTF-8 inside a character is found out by the digest.
 */
import { seededRandom, seedFromText } from '@squall/twin-kit'

export type Answer = {
  /** Pieces as a model would stream them; joined they are `text`. */
  readonly tokens: readonly string[]
  readonly text: string
  /** `length` when the caller's limit cut the answer short. */
  readonly finishReason: 'stop' | 'length'
}

const words =
  'amber basalt cedar delta ember fjord granite harbour island juniper kelp lantern meadow nimbus orchard ' +
  'prairie quartz river sleet thunder updraft valley willow zephyr caf\u00e9 \u00e5ngstr\u00f6m \u6d77 \u96e8 \u2603'
const vocabulary = words.split(' ')

const naturalTokensMin = 16
const naturalTokensMax = 48

export type AnswerOptions = {
  readonly prompt: string
  readonly seed: number
  /** Exact length the model would choose. Default: 16 to 48, drawn from prompt and seed. */
  readonly tokens?: number | undefined
  /** The caller's `max_tokens`. Default: no limit. */
  readonly tokensMax?: number | undefined
}

/** Composes the answer to a prompt. Pure: same options, same answer. */
export function composeAnswer(options: AnswerOptions): Answer {
  const random = seededRandom(seedFromText(options.prompt, options.seed))
  const drawn = naturalTokensMin + Math.floor(random() * (naturalTokensMax - naturalTokensMin + 1))
  const natural = Math.max(1, options.tokens ?? drawn)
  const length = Math.min(natural, Math.max(1, options.tokensMax ?? natural))
  const tokens = Array.from({ length }, (_, index) => {
    const word = vocabulary[Math.floor(random() * vocabulary.length)] ?? 'amber'
    return index === 0 ? word : ` ${word}`
  })
  return { tokens, text: tokens.join(''), finishReason: length < natural ? 'length' : 'stop' }
}

/** Words, as a stand-in for a tokenizer: figures are plausible and stable, not those of a real model. */
export function countTokens(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length
}
