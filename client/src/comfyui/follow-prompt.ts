/**
 * From "accepted" to "the server has the result", whatever happens in between. No single message is believed: an end
 * that was announced is looked up in `/history`, and silence or a reconnect leads to `reconcile`.
 */
import { ClientError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { backoff } from '../recovery/backoff.ts'
import { type Reconciliation, reconcile } from '../recovery/reconcile.ts'
import { isRetryable } from '../recovery/retry.ts'
import { now, wait } from '../transport/clock.ts'
import type { JsonObject } from '../transport/json.ts'
import type { ComfyuiApi } from './api.ts'
import type { EventChannel } from './event-channel.ts'
import type { PromptWatch } from './prompt-watch.ts'

export type FollowParts = {
  readonly api: ComfyuiApi
  readonly channel: EventChannel
  readonly limits: Limits
  readonly random: () => number
}

export type PromptEnd =
  | { readonly state: 'finished'; readonly entry: JsonObject; readonly how: 'told' | 'reconciled' }
  | { readonly state: 'lost' }

/** @throws ClientError, or the signal's reason. */
export async function endOf(watch: PromptWatch, parts: FollowParts, signal: AbortSignal): Promise<PromptEnd> {
  for (;;) {
    const news = await watch.next(parts.limits.reconcileMs, signal)
    if (news === 'ended') {
      const entry = await historyAfterEnd(watch.promptId, parts, signal)
      if (entry !== undefined) return { state: 'finished', entry, how: 'told' }
    }
    const found = await unlessAway(() => look(watch.promptId, parts.api, signal))
    if (found === undefined || found.state === 'waiting') continue
    if (found.state === 'lost') return { state: 'lost' }
    if (news === 'quiet') reopenIfDeaf(parts)
    return { state: 'finished', entry: found.result, how: 'reconciled' }
  }
}

function look(promptId: string, api: ComfyuiApi, signal: AbortSignal): Promise<Reconciliation<JsonObject>> {
  return reconcile(
    {
      isQueued: (inner) => api.isQueued(promptId, inner),
      result: (inner) => api.history(promptId, inner),
    },
    signal,
  )
}

/** A job cannot finish without a frame to its submitter. If one did, this socket is no longer registered. */
function reopenIfDeaf({ channel, limits }: FollowParts): void {
  if (channel.silentMs >= limits.reconcileMs) channel.reopen('deaf: a job finished and nothing was told')
}

/** `execution_success` comes before the history is written, 2 of 60 times visibly so (ComfyUI 0.33). */
async function historyAfterEnd(
  promptId: string,
  { api, limits, random }: FollowParts,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const until = now() + limits.historyMsMax
  let step = backoff({ msFirst: 5, msMax: 200, random }).next(undefined)
  while (now() < until) {
    const entry = await unlessAway(() => api.history(promptId, signal))
    if (entry !== undefined) return entry
    await wait(step.duration, signal)
    step = step.next(undefined)
  }
  return undefined
}

/** Undefined if the server cannot be asked now; it will be asked again. */
async function unlessAway<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ClientError && isRetryable(error)) return undefined
    throw error
  }
}
