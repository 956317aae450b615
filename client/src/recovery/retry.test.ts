import { expect, test } from 'vitest'
import { ClientError, type ClientErrorOptions } from '../errors.ts'
import { defaultLimits } from '../limits.ts'
import { now } from '../transport/clock.ts'
import { seededRandom } from '../transport/random.ts'
import { retrying } from './retry.ts'

const never = new AbortController().signal
const limits = { ...defaultLimits, retryMsFirst: 5, retryMsMax: 20 }

function failure(options: Partial<ClientErrorOptions> & Pick<ClientErrorOptions, 'errorClass'>): ClientError {
  return new ClientError({ code: options.errorClass, message: `failed: ${options.errorClass}`, ...options })
}

/** Fails with each error in turn, then succeeds. */
async function run(
  errors: readonly ClientError[],
  deadlineMs = 1_000,
  signal = never,
  whenRetried: () => void = () => {},
) {
  const retried: string[] = []
  const retry = retrying({
    limits,
    random: seededRandom(1),
    onRetry: (error) => {
      retried.push(error.errorClass)
      whenRetried()
    },
  })
  let attempts = 0
  const attempt = (): Promise<string> => {
    const error = errors[attempts]
    attempts += 1
    return error === undefined ? Promise.resolve('done') : Promise.reject(error)
  }
  const result = await retry({ what: 'do it', deadlineMs, signal, attempt }).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error: error as ClientError }),
  )
  return { ...result, attempts, retried }
}

test.each(['refused', 'network', 'timeout', 'rate-limit', 'server'] as const)(
  '%s is tried again',
  async (errorClass) => {
    expect(await run([failure({ errorClass })])).toMatchObject({
      value: 'done',
      attempts: 2,
      retried: [errorClass],
    })
  },
)

test.each(['validation', 'execution', 'lost', 'aborted'] as const)(
  '%s is never tried again',
  async (errorClass) => {
    expect(await run([failure({ errorClass })])).toMatchObject({
      error: { errorClass },
      attempts: 1,
      retried: [],
    })
  },
)

test('an error that says it is final is not tried again', async () => {
  expect(await run([failure({ errorClass: 'network', final: true })])).toMatchObject({ attempts: 1 })
})

test('a plain 500 is tried three times, a 503 as often as it takes', async () => {
  const plain = failure({ errorClass: 'server', code: 'http-500' })
  expect(await run([plain, plain, plain, plain])).toMatchObject({
    error: { code: 'http-500' },
    attempts: 3,
  })
  const away = failure({ errorClass: 'server', code: 'http-503' })
  expect(await run([away, away, away, away])).toMatchObject({ value: 'done', attempts: 5 })
})

test('Retry-After is waited for even if the backoff is shorter', async () => {
  const begin = now()
  const result = await run([failure({ errorClass: 'rate-limit', retryAfterMs: 120 })])
  expect(result).toMatchObject({ value: 'done' })
  expect(now() - begin).toBeGreaterThanOrEqual(118)
})

test('the deadline ends it, with the class of what was wrong', async () => {
  const always = Array.from({ length: 1_000 }, () => failure({ errorClass: 'refused' }))
  const { error } = await run(always, 80)
  expect(error).toMatchObject({ errorClass: 'refused' })
  expect(error?.message).toContain('not done within 80 ms')
})

test('after an attempt that may have arrived, "refused" is no longer the whole truth', async () => {
  const refused = Array.from({ length: 1_000 }, () => failure({ errorClass: 'refused' }))
  const { error } = await run([failure({ errorClass: 'network' }), ...refused], 80)
  expect(error).toMatchObject({ errorClass: 'timeout' })
})

test('the caller ends it at once, in the middle of a long wait', async () => {
  const caller = new AbortController()
  const asked = failure({ errorClass: 'rate-limit', retryAfterMs: 60_000 })
  // In a later turn, when the wait has begun.
  const running = run([asked], 120_000, caller.signal, () => setImmediate(() => caller.abort()))
  expect(await running).toMatchObject({ error: { errorClass: 'aborted' } })
})
