/** Back pressure: a server that makes a long answer must not be faster than its reader, or its memory has no bound. */
import type { ServerResponse } from 'node:http'

/** Resolves when the client has read enough, or is gone. At once while nothing waits. */
export function drained(response: ServerResponse): Promise<void> | undefined {
  if (!response.writableNeedDrain || response.destroyed) return undefined
  return new Promise((resolve) => {
    const over = (): void => {
      response.off('drain', over)
      response.off('close', over)
      resolve()
    }
    response.once('drain', over)
    response.once('close', over)
  })
}
