/**
 * What an MCP job tells while it runs. Kinds, phases and the synthetic percentage follow `shared/api.py`
 * (protocol notes, section 5).
 */
import type { Command } from '../generate-chain/command-stream.ts'

/** One event. Timestamps in seconds. */
export type JobEvent = { readonly kind: string; readonly timestamp: number; readonly data: unknown }

/** The oldest events are forgotten beyond these. */
export const eventsMax = 500

/** Kind and data of a worker's command; none for commands that only end a stream. */
export function eventOf(
  command: Command,
  last: ProgressData | undefined,
): { readonly kind: string; readonly data: unknown } | undefined {
  if (command.kind === 'status') return { kind: 'status', data: command.text }
  if (command.kind === 'output') return { kind: 'output', data: null }
  if (command.kind === 'progress') return { kind: 'progress', data: progressOf(command) }
  if (command.kind !== 'preview') return undefined
  const { phase, status, progress, current_step, total_steps } =
    last ?? progressOf({ steps: null, description: '' })
  return {
    kind: 'preview',
    data: { has_image_preview: true, phase, status, progress, current_step, total_steps, media: null },
  }
}

/** Data of a `progress` event. */
export type ProgressData = {
  readonly phase: string
  readonly status: string
  readonly progress: number
  readonly current_step: number | null
  readonly total_steps: number | null
  readonly raw_phase: string | null
  readonly unit: string | null
}

/** Data of a `progress` event from what the progress bar shows. */
function progressOf({
  steps,
  description,
}: Pick<Extract<Command, { kind: 'progress' }>, 'steps' | 'description'>): ProgressData {
  const rawPhase = description.replace(/^Prompt \d+\/\d+ - /, '').split(' | ')[0] ?? ''
  const phase = phaseOf(rawPhase.toLowerCase())
  const [step, total] = phase === 'inference' && steps !== null ? steps : [null, null]
  return {
    phase,
    status: description,
    progress: percentOf(phase, step, total),
    current_step: step,
    total_steps: total,
    raw_phase: rawPhase === '' ? null : rawPhase,
    unit: null,
  }
}

function phaseOf(text: string): string {
  if (text.startsWith('loading')) return 'loading_model'
  if (text.includes('encoding')) return 'encoding_text'
  if (text.includes('decoding')) return 'decoding'
  return text.includes('abort') || text.includes('cancel') ? 'cancelled' : 'inference'
}

const resting: Readonly<Record<string, number>> = {
  loading_model: 10,
  encoding_text: 18,
  decoding: 90,
  cancelled: 0,
}

function percentOf(phase: string, step: number | null, total: number | null): number {
  if (step === null || total === null || total <= 0) return resting[phase] ?? 15
  return Math.min(90, 20 + Math.trunc(Math.min(1, step / total) * 65))
}
