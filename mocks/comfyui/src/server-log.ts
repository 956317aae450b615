/** The lines a server writes, kept for `/internal/logs` and sent to WebSocket clients that subscribe. */
import type { Sockets } from './socket.ts'

/** One line with its time, as `/internal/logs/raw` shows it. */
export type LogEntry = { readonly t: string; readonly m: string }

/** The last lines of a server. */
export type ServerLog = {
  readonly write: (text: string, level?: 'INFO' | 'ERROR') => void
  readonly entries: () => readonly LogEntry[]
  readonly subscribe: (clientId: string, enabled: boolean) => void
}

/** The real server keeps this many. */
const entriesMax = 300

const colours = { INFO: 32, ERROR: 31 } as const

/** Size of the terminal nobody looks at. */
export const terminalSize = { cols: 80, rows: 24 } as const

/** Builds an empty log. `now` is epoch milliseconds. */
export function createServerLog(sockets: Pick<Sockets, 'send'>, now: () => number): ServerLog {
  const entries: LogEntry[] = []
  const subscribers = new Set<string>()
  return {
    entries: () => entries,
    subscribe: (clientId, enabled) => {
      if (enabled) subscribers.add(clientId)
      else subscribers.delete(clientId)
    },
    write: (text, level = 'INFO') => {
      const t = new Date(now()).toISOString().replace('Z', '000')
      const entry = { t, m: `\u001b[${colours[level]}m[${level}]\u001b[0m ${text}\n` }
      entries.push(entry)
      if (entries.length > entriesMax) entries.shift()
      for (const clientId of subscribers) {
        sockets.send('logs', { entries: [entry], size: terminalSize }, clientId)
      }
    },
  }
}
