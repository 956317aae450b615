/** The abort button: a wish. The sampler sees it at its next step; the running job ends without a file. */
import { type PlainFunction, update } from '../gradio/function.ts'
import { queueHtml } from './queue-html.ts'

/** Abort the running task of this session. The `client_id` argument (other clients' tasks) is not looked at. */
export const abortGeneration: PlainFunction = {
  kind: 'plain',
  name: 'abort_generation',
  parameters: ['state', 'client_id'],
  run: ({ session: { gen }, info }) => {
    if (!gen.inProgress) return [update({ interactive: true }), queueHtml(gen.queue)]
    gen.abort = true
    info('Processing Request to abort Current Generation')
    return [update({ interactive: false }), queueHtml(gen.queue)]
  },
}
