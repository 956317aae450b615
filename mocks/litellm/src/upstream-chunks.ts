/** The upstream's events as chunks, each passing its fault point on the way in. Ends at `[DONE]`, too. */
import type { Chunk } from './dialect.ts'
import type { Gateway } from './gateway.ts'

/** The upstream said inside its stream that it failed; the message is what it said. */
export class UpstreamBroke extends Error {}

/** Ends a stream that is silent while it is waited for; a slow client is not the upstream's fault. */
export type Patience = Disposable & { wait(isWanted: boolean): void }

export type ChunkSource = {
  readonly events: AsyncGenerator<string>
  readonly patience: Patience
  /** The upstream's name of the model. */
  readonly model: unknown
}

/** @throws UpstreamBroke, or whatever ended the connection. */
export async function* upstreamChunks(
  { context: { faults } }: Gateway,
  { events, patience, model }: ChunkSource,
): AsyncGenerator<Chunk> {
  using _ = patience
  let index = 0
  for await (const data of events) {
    if (data === '[DONE]') return
    patience.wait(false)
    const outcome = await faults.step('litellm.upstream.chunk', { model, index })
    index += 1
    if (outcome.kind === 'skip') {
      patience.wait(true)
      continue
    }
    if (outcome.kind === 'fail' && outcome.as === 'connection') throw new Error('connection')
    if (outcome.kind === 'fail') throw new UpstreamBroke('Rate limit reached, broken on purpose')
    const chunk = JSON.parse(data) as Chunk
    if (chunk['error'] !== undefined) throw new UpstreamBroke(messageOf(chunk['error']))
    yield chunk
    patience.wait(true)
  }
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error
  return String(message)
}
