/** Steps of the way to the upstream that a fault can make fail, in the failures a gateway knows. */
import type { Gateway } from './gateway.ts'
import type { LiteLlmPoint } from './points.ts'
import type { UpstreamCall } from './upstream.ts'
import { connectionFailure, refusalFailure, timeoutFailure } from './upstream-failure.ts'

const statuses: Readonly<Record<string, number>> = {
  'rate-limit': 429,
  'server-error': 500,
  unauthorized: 401,
}

/** Passes the step. @throws ModelFailure when a fault says so; the signal's reason turns into a timeout. */
export async function stumble(
  { context: { faults } }: Gateway,
  point: Extract<LiteLlmPoint, `litellm.upstream.${string}`>,
  call: UpstreamCall,
  signal: AbortSignal,
): Promise<void> {
  const facts = { model: call.body['model'], stream: call.body['stream'] === true }
  const passing = faults.step(point, facts, signal)
  const outcome = await untilAborted(passing, signal).catch(() => undefined)
  if (outcome === undefined) throw timeoutFailure(call)
  if (outcome.kind !== 'fail') return
  const status = statuses[outcome.as]
  if (status === undefined) throw connectionFailure(call.provider)
  const text = JSON.stringify({ error: { message: 'broken on purpose', code: outcome.as } })
  const { wording, provider } = call
  throw refusalFailure({ status, text, headers: new Headers(), wording, provider })
}

/** A stalled step does not look at signals; the gateway's own timeout does. */
function untilAborted<Value>(passing: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborting = new Promise<never>((_resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
  return Promise.race([passing, aborting])
}
