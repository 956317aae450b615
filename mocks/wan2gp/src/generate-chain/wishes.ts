/**
 * The buttons beside a running generation. Each is a wish that the worker sees at its next step. Names are those of
 * `wgp.py`; what the buttons answer is read there, not measured.
 */
import { type GeneratorFunction, type PlainFunction, update } from '../gradio/function.ts'
import type { Generation } from '../session.ts'
import { queueHtml } from './queue-html.ts'
import type { Studio } from './studio.ts'

/** Abort the running task; with a `client_id`, that client's tasks only, waiting ones included. */
export function abortGeneration(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'abort_generation',
    parameters: ['state', 'client_id'],
    run: ({ session, values, info }) => {
      const { gen } = session
      const clientId = typeof values[1] === 'string' ? values[1] : ''
      const [running, ...waiting] = gen.queue
      if (clientId !== '' && running !== undefined) {
        gen.queue = [running, ...waiting.filter((task) => task.clientId !== clientId)]
      }
      const isMeant = clientId === '' || running?.clientId === clientId
      if (!gen.inProgress || !isMeant) return [update({ interactive: true }), queueHtml(gen.queue)]
      const isSeen = studio.faults.decide('wan2gp.abort.wish', { sessionHash: session.hash }) === undefined
      if (isSeen) gen.abort = true
      resume(gen)
      info('Processing Request to abort Current Generation')
      return [update({ interactive: false }), queueHtml(gen.queue)]
    },
  }
}

/** End the running sample with what there is of it. */
export const earlyStopGeneration: PlainFunction = {
  kind: 'plain',
  name: 'early_stop_generation',
  parameters: ['state'],
  run: ({ session: { gen }, info }) => {
    resume(gen)
    if (!gen.inProgress) return [update({ interactive: true })]
    gen.earlyStop = true
    info('Processing Request to Stop Generation Early')
    return [update({ interactive: false })]
  },
}

/** Order one more sample of the running prompt. */
export const oneMoreSample: PlainFunction = {
  kind: 'plain',
  name: 'one_more_sample',
  parameters: ['state'],
  run: ({ session: { gen }, info }) => {
    if (!gen.inProgress) return []
    gen.extraOrders += 1
    info(
      `An extra sample generation is planned for a total of ${gen.extraOrders + 1} samples for this prompt`,
    )
    return []
  },
}

/** Hold the worker at its next step. The call itself lives until somebody resumes. */
export const pauseGeneration: GeneratorFunction = {
  kind: 'generator',
  name: 'pause_generation',
  parameters: ['state'],
  run: async function* ({ session: { gen }, info, signal }) {
    const { promise, resolve } = Promise.withResolvers<void>()
    gen.pause ??= { resumed: promise, resume: resolve }
    const { resumed } = gen.pause
    if (gen.inProgress) info('Pausing Generation in Progress, it may take a little while...')
    yield [update({ visible: false }), update({ visible: true })]
    const cancelled = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => cancelled.resolve(), { once: true })
    await Promise.race([resumed, cancelled.promise])
    yield [update({ visible: true }), update({ visible: false })]
  },
}

/** Let it go on. */
export const resumeGeneration: PlainFunction = {
  kind: 'plain',
  name: 'resume_generation',
  parameters: ['state'],
  run: ({ session: { gen } }) => {
    resume(gen)
    return [update({ visible: true }), update({ visible: false })]
  },
}

function resume(gen: Generation): void {
  gen.pause?.resume()
  gen.pause = null
}

/** Save the queue and end the server. */
export function quitApplication(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'quit_application',
    parameters: [],
    run: () => {
      studio.autosave()
      studio.quit()
      return []
    },
  }
}
