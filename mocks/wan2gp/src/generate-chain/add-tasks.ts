/**
 * Steps 4 and 5: turn the kept form into a task, and show the generation panel. Step 4 is where a restart of the
 * server shows: the form is gone, and the user is told to refresh the page.
 */
import { type PlainFunction, update } from '../gradio/function.ts'
import { GradioError } from '../gradio/gradio-error.ts'
import type { Session, Task } from '../session.ts'
import { queueHtml } from './queue-html.ts'
import type { Studio } from './studio.ts'

const restartedText =
  'Webform can not be used as the App has been restarted since the form was displayed. Please refresh the page'
/** Frames per second of the default model if `force_fps` does not say otherwise. */
const fpsDefault = 16

/** Step 4. One task for one call; a real server also splits the prompt into lines and wildcards. */
export function processPromptAndAddTasks(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'process_prompt_and_add_tasks',
    parameters: ['state', 'current_gallery_tab', 'model_choice'],
    run: ({ session, values, info }) => {
      session.validateSuccess = false
      if (session.settings === null || values[2] !== session.modelType) throw new GradioError(restartedText)
      const prompt = textOf(session.settings['prompt']).trim()
      if (prompt === '') {
        info('Prompt cannot be empty.')
        return [update(), update()]
      }
      session.gen.queue.push(taskOf(studio, session, prompt))
      session.gen.promptsMax += 1
      session.validateSuccess = true
      return [queueHtml(session.gen.queue), session.gen.promptsMax > 1 ? update({ open: true }) : update()]
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

function taskOf(studio: Studio, session: Session, prompt: string): Task {
  const settings = session.settings ?? {}
  const [width, height] = sizeOf(textOf(settings['resolution']))
  const seed = numberOf(settings['seed'], -1)
  return {
    id: studio.nextTaskId(),
    modelType: session.modelType,
    prompt,
    negativePrompt: textOf(settings['negative_prompt']),
    width,
    height,
    frames: Math.trunc(numberOf(settings['video_length'], 81)),
    fps: numberOf(settings['force_fps'], fpsDefault),
    steps: Math.max(1, Math.trunc(numberOf(settings['num_inference_steps'], 30))),
    seed: seed < 0 ? studio.randomSeed() : Math.trunc(seed),
  }
}

function sizeOf(resolution: string): readonly [width: number, height: number] {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(resolution) ?? []
  if (width === undefined || height === undefined || Number(width) === 0 || Number(height) === 0) {
    throw new Error(
      `Cannot read the resolution ${JSON.stringify(resolution)}: it is not WxH; send for example 832x480`,
    )
  }
  return [Number(width), Number(height)]
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A number, or a text that is one; anything else is the fallback (`force_fps` is `""`, `"auto"` or digits). */
function numberOf(value: unknown, fallback: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : fallback
}
