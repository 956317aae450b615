/**
 * Steps 4 and 5: turn the kept form into tasks, and show the generation panel. Step 4 is where a restart of the
 * server shows: the form is gone, and the user is told to refresh the page.
 */
import { type PlainFunction, update } from '../gradio/function.ts'
import { GradioError } from '../gradio/gradio-error.ts'
import { queueHtml } from './queue-html.ts'
import type { Studio } from './studio.ts'
import { promptsOf, SettingsRefused, taskOf } from './task.ts'

const restartedText =
  'Webform can not be used as the App has been restarted since the form was displayed. Please refresh the page'

/** Step 4. One task for each line of the prompt. */
export function processPromptAndAddTasks(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'process_prompt_and_add_tasks',
    parameters: ['state', 'current_gallery_tab', 'model_choice'],
    run: ({ session, values, info }) => {
      const { gen, settings } = session
      session.validateSuccess = false
      if (settings === null || values[2] !== session.modelType) throw new GradioError(restartedText)
      const prompts = promptsOf(typeof settings['prompt'] === 'string' ? settings['prompt'] : '')
      if (prompts.length === 0) {
        info('Prompt cannot be empty.')
        return [update(), update()]
      }
      try {
        const tasks = prompts.map((prompt) =>
          taskOf(studio, { ...settings, prompt, model_type: session.modelType }),
        )
        gen.queue.push(...tasks)
      } catch (error) {
        if (!(error instanceof SettingsRefused)) throw error
        info(error.message)
        return [update(), update()]
      }
      gen.promptsMax += prompts.length
      session.validateSuccess = true
      studio.touchQueue(gen.queue)
      return [queueHtml(gen.queue), gen.promptsMax > 1 ? update({ open: true }) : update()]
    },
  }
}

/** Step 5. Swaps the buttons, unless step 4 failed. */
export const prepareGenerateMedia: PlainFunction = {
  kind: 'plain',
  name: 'prepare_generate_media',
  parameters: ['state'],
  run: ({ session }) => {
    const busy = session.validateSuccess
    return [
      update({ visible: !busy }),
      update({ visible: busy }),
      update({ visible: busy }),
      update({ visible: busy }),
    ]
  },
}

/** Last step of "Add New Prompt To Queue". */
export const updateStatus: PlainFunction = {
  kind: 'plain',
  name: 'update_status',
  parameters: ['state'],
  run: () => [],
}
