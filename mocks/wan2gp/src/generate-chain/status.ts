/**
 * Steps 6 and 6b: the status line and all progress messages. Progress does not arrive on the generating call but
 * here, on a second call of the same session that polls twice a second, and ends when `process_tasks` says so.
 * If `process_tasks` is given up in the middle (its stream broke), nobody ever says so: the call keeps its slot and
 * no later session sees progress until a restart. Read in `wgp.py`, not measured.
 */
import type { GeneratorFunction, PlainFunction, ProgressUnit } from '../gradio/function.ts'
import type { ProgressArguments } from '../session.ts'
import { type Studio, timestamp } from './studio.ts'

/** `time.sleep(0.5)` in `refresh_status_async`; simulated, so that proportions hold at every time scale. */
const pollMs = 500

/** Step 6. Opens the status display; answers `null` if there is nothing to show. */
export function activateStatus(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'activate_status',
    parameters: ['state'],
    run: ({ session }) => {
      if (!session.validateSuccess) return [null]
      session.gen.statusDisplay = true
      return [timestamp(session, studio.clock)]
    },
  }
}

/** Step 6b. Yields status texts and reports progress until the status display is closed. */
export function refreshStatusAsync(studio: Studio): GeneratorFunction {
  return {
    kind: 'generator',
    name: 'refresh_status_async',
    parameters: ['state', 'progress'],
    run: async function* ({ session: { gen }, progress, signal }) {
      while (!signal.aborted) {
        if (gen.progress !== null) progress(unitOf(gen.progress))
        gen.progress = null
        if (gen.status !== '') {
          const text = gen.status
          yield [text]
          gen.status = ''
        }
        if (!gen.statusDisplay) return
        await studio.clock.wait(pollMs, signal)
      }
    },
  }
}

function unitOf({ steps, description }: ProgressArguments): ProgressUnit {
  const [index, length] = steps ?? [null, null]
  return { index, length, unit: 'steps', progress: steps === null ? 0 : null, desc: description }
}
