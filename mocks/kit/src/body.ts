/** Reads a whole request body. Twins parse it themselves, because each real server fails differently on bad JSON. */
import type { IncomingMessage } from 'node:http'
import { BodyTooLarge } from './errors.ts'

/**
 * Resolves with the bytes (empty without a body). Throws BodyTooLarge beyond `bytesMax`; rejects if the client
 * goes away in the middle.
 */
export async function readBody(
  request: IncomingMessage,
  options: { readonly bytesMax: number },
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  // The stream is not destroyed on overflow, so that the twin can still answer 413 on the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const part = chunk as Buffer
    bytes += part.length
    if (bytes > options.bytesMax) {
      request.resume()
      throw new BodyTooLarge(options.bytesMax)
    }
    chunks.push(part)
  }
  return Buffer.concat(chunks, bytes)
}
