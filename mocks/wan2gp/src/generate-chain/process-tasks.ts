/**
 * Step 7: the call that runs the GPU job. It starts the worker, then relays its commands: status and progress into
 * the session (where `refresh_status_async` finds them), previews and files as timestamps to the client.
 * Nothing but timestamps comes back here; the files are in the gallery.
 */
import { type GeneratorFunction, update } from '../gradio/function.ts'
import { GradioError } from '../gradio/gradio-error.ts'
import type { Session } from '../session.ts'
import { type Command, createCommandStream } from './command-stream.ts'
import { workQueue } from './gpu-worker.ts'
import { type Studio, timestamp } from './studio.ts'

/**
 * Step 7. Ends at once, without a yield, if the session has no tasks (for example after a restart); the journal
 * then calls the job an error, because its client gets no file.
 */
export function processTasks(studio: Studio): GeneratorFunction {
  return {
    kind: 'generator',
    name: 'process_tasks',
    parameters: ['state'],
    run: async function* ({ session, eventId }) {
      const { gen } = session
      if (gen.queue.length === 0) {
        gen.statusDisplay = false
        studio.journal('job-finished', { jobId: eventId, outcome: 'error' })
        return
      }
      const startMs = studio.clock.now()
      gen.inProgress = true
      gen.previewStep = null
      const now = (): string => timestamp(session, studio.clock)
      const commands = createCommandStream()
      void workQueue(studio, { jobId: eventId, session, commands })
      yield [now(), now(), update()]
      for (;;) {
        const command = await commands.next()
        if (command.kind === 'exit') break
        if (command.kind === 'error') throw failure(studio, session, command.text)
        apply(session, command)
        if (command.kind === 'output') yield [now(), now(), update()]
        if (command.kind === 'preview') yield [now(), update(), update()]
      }
      gen.promptsMax = 0
      gen.status = `Total Generation Time: ${Math.round((studio.clock.now() - startMs) / 1000)}s`
      gen.statusDisplay = false
    },
  }
}

function apply({ gen }: Session, command: Command): void {
  if (command.kind === 'status') gen.status = command.text
  if (command.kind === 'progress') gen.progress = { steps: command.steps, description: command.description }
  if (command.kind === 'preview') gen.previewStep = command.step
  if (command.kind === 'output') gen.previewStep = null
}

/** An error clears the whole queue of the session, and its toast stays until it is clicked away. */
function failure(studio: Studio, { gen }: Session, text: string): GradioError {
  gen.queue = []
  gen.promptsMax = 0
  gen.statusDisplay = false
  gen.inProgress = false
  studio.touchQueue([])
  return new GradioError(text, 0)
}
