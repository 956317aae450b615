/** Cuts a stream of text into lines; the part after the last line end is kept for the next chunk. */
import type { Readable } from 'node:stream'

/** Lines of a client are short; one that sends more without a line end is cut off. */
const lineCharactersMax = 64 * 1024

export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) onLine(part)
    if (rest.length > lineCharactersMax) stream.destroy()
  })
}
