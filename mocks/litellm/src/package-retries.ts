/**
 * Embeddings and images go through the OpenAI package inside LiteLLM, which retries twice on its own, whatever
 * `num_retries` says. Waits are the package's: 0.5 s, doubled, a quarter less by chance, or the `retry-after`.
 */
import type { Gateway } from './gateway.ts'
import { ModelFailure } from './routing/model-failure.ts'
import { isRetriedStatus } from './routing/policies.ts'

const retriesMax = 2
const firstWaitMs = 500
const jitterMax = 0.25
const retryAfterSecondsMax = 60

/** Tries up to three times. @throws the last ModelFailure */
export async function withPackageRetries<Value>(
  { context: { clock }, random }: Gateway,
  attempt: () => Promise<Value>,
): Promise<Value> {
  for (let retried = 0; ; retried++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      const { status, retryAfterSeconds = 0 } = error.fields
      if (retried === retriesMax || !isRetriedStatus(status)) throw error
      const isTold = retryAfterSeconds > 0 && retryAfterSeconds <= retryAfterSecondsMax
      const backoffMs = firstWaitMs * 2 ** retried * (1 - jitterMax * random())
      await clock.waitReal(isTold ? retryAfterSeconds * 1000 : backoffMs)
    }
  }
}
