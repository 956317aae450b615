/** Finished prompts, oldest first, in the shape of `/history` (golden 11). Lost with the process. */
import { type QueueItem, shownItem } from './queue.ts'

/** The real server drops the oldest entries beyond this. */
const entriesMax = 10_000

/** One status message: the event name and its data. */
export type StatusMessage = readonly [event: string, data: Readonly<Record<string, unknown>>]

/** What a prompt left behind. */
export type PromptResult = {
  readonly outputs: Readonly<Record<string, unknown>>
  readonly meta: Readonly<Record<string, unknown>>
  readonly success: boolean
  readonly messages: readonly StatusMessage[]
}

/** A finished prompt and what became of it. */
export type HistoryEntry = { readonly item: QueueItem; readonly result: PromptResult }

/** The entries by prompt id. */
export type History = {
  readonly add: (item: QueueItem, result: PromptResult) => void
  /** The newest `max` entries, or `max` entries from `offset` (counted from the oldest), always oldest first. */
  readonly page: (max?: number, offset?: number) => Readonly<Record<string, unknown>>
  /** `{id: entry}`, or `{}` for an id that is unknown, deleted or lost. */
  readonly one: (promptId: string) => Readonly<Record<string, unknown>>
  /** All entries, oldest first. */
  readonly entries: () => readonly HistoryEntry[]
  readonly remove: (promptId: string) => void
  readonly clear: () => void
}

/** The `status` member of a history entry. */
export function statusOf({ success, messages }: PromptResult): Readonly<Record<string, unknown>> {
  return { status_str: success ? 'success' : 'error', completed: success, messages }
}

/** Builds an empty history. */
export function createHistory(): History {
  const entries = new Map<string, HistoryEntry>()
  return {
    add: (item, result) => {
      const oldest = entries.keys().next().value
      if (entries.size >= entriesMax && oldest !== undefined) entries.delete(oldest)
      entries.set(item.promptId, { item, result })
    },
    page: (max, offset = -1) => {
      const all = [...entries.values()].map(shownEntry)
      const start = offset < 0 && max !== undefined ? Math.max(0, all.length - max) : Math.max(0, offset)
      return Object.fromEntries(
        all.slice(start, max === undefined ? undefined : Math.max(start, start + max)),
      )
    },
    one: (promptId) => {
      const entry = entries.get(promptId)
      return entry === undefined ? {} : Object.fromEntries([shownEntry(entry)])
    },
    entries: () => [...entries.values()],
    remove: (promptId) => void entries.delete(promptId),
    clear: () => entries.clear(),
  }
}

function shownEntry({ item, result }: HistoryEntry): readonly [id: string, shown: unknown] {
  const { outputs, meta } = result
  return [item.promptId, { prompt: shownItem(item), outputs, status: statusOf(result), meta }]
}
