/**
 * The lines a unit wrote, kept and handed on as they come: cut at line ends over chunk borders (a chunk may end in
 * the middle of a line, or of a UTF-8 character), standard output and standard error apart.
 */
import { StringDecoder } from 'node:string_decoder'
import { nowMs } from '../support/clock.ts'
import type { LogLine } from './engine.ts'

/** Older lines go first. A twin writes some ten lines per job; this is room for tens of thousands of jobs. */
const linesMax = 500_000
/** A longer line is cut here, so that a program that never ends its line cannot fill the memory. */
const lineCharactersMax = 1_000_000

export type LogBook = {
  write(stream: LogLine['stream'], chunk: Buffer): void
  /** The program ended: what is left without a line end becomes a line. */
  flush(): void
  /** Every line kept, then each new one. */
  onLine(listener: (line: LogLine) => void): Disposable
  lines(): readonly LogLine[]
}

export function openLogBook(): LogBook {
  const lines: LogLine[] = []
  const listeners = new Set<(line: LogLine) => void>()
  const add = (stream: LogLine['stream'], text: string): void => {
    const line: LogLine = { at: nowMs(), stream, text }
    lines.push(line)
    if (lines.length > linesMax) lines.shift()
    for (const listener of listeners) listener(line)
  }
  const splitters = {
    stdout: splitter((text) => add('stdout', text)),
    stderr: splitter((text) => add('stderr', text)),
  }
  return {
    write: (stream, chunk) => splitters[stream].write(chunk),
    flush: () => {
      splitters.stdout.flush()
      splitters.stderr.flush()
    },
    onLine: (listener) => {
      for (const line of lines) listener(line)
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    lines: () => [...lines],
  }
}

/** Cuts one stream into lines, without their line ends ("\n" or "\r\n"). */
function splitter(add: (text: string) => void): { write(chunk: Buffer): void; flush(): void } {
  let decoder = new StringDecoder('utf8')
  let rest = ''
  const end = (text: string): void => add(text.endsWith('\r') ? text.slice(0, -1) : text)
  return {
    write: (chunk) => {
      const parts = (rest + decoder.write(chunk)).split('\n')
      rest = parts.pop() ?? ''
      for (const part of parts) end(part)
      while (rest.length > lineCharactersMax) {
        add(rest.slice(0, lineCharactersMax))
        rest = rest.slice(lineCharactersMax)
      }
    },
    flush: () => {
      const last = rest + decoder.end()
      decoder = new StringDecoder('utf8')
      rest = ''
      if (last !== '') end(last)
    },
  }
}
