/**
 * Steps 7b, 7c and 8: what the page shows. The gallery is at index 2 of both gallery answers. The list grows with
 * every file of the session, newest last.
 */
import { basename } from 'node:path'
import { renderImage } from '@squall/twin-kit'
import { type FunctionCall, type Outputs, type PlainFunction, update } from '../gradio/function.ts'
import type { GalleryFile, Session } from '../session.ts'
import { escapeHtml, queueHtml } from './queue-html.ts'
import type { Studio } from './studio.ts'

/** Where `settle` time of `finalize_generation` comes from: `time.sleep(0.2)`. */
const settleMs = 200

/** Step 7b. An image of the newest preview; PNG instead of JPEG, and small. Empty text if there is none. */
export const refreshPreview: PlainFunction = {
  kind: 'plain',
  name: 'refresh_preview',
  parameters: ['state'],
  run: ({ session }) => {
    const { previewStep, queue } = session.gen
    const task = queue[0]
    if (previewStep === null || task === undefined) return ['']
    const png = renderImage({ prompt: task.prompt, seed: task.seed + previewStep, width: 64, height: 40 })
    return [`<img src="data:image/png;base64,${png.toString('base64')}" style="height:200px"/>`]
  },
}

/** Step 7c. The gallery so far, the queue, and the state of the buttons. */
export const refreshGallery: PlainFunction = {
  kind: 'plain',
  name: 'refresh_gallery',
  parameters: ['state'],
  run: ({ session, root }) => {
    const { gen } = session
    const prompt = gen.queue[0]?.prompt
    const panel =
      prompt === undefined
        ? update({ visible: false, value: '' })
        : update({ visible: true, value: `<table><tr><td>${escapeHtml(prompt)}</td></tr></table>` })
    const busy = gen.inProgress
    return [
      update({ selected: 'video_images' }),
      0,
      gallery(session, root),
      gen.files.length - 1,
      update(),
      update(),
      update(),
      panel,
      update({ visible: !busy }),
      update({ visible: busy }),
      update({ visible: busy }),
      update({ visible: busy }),
      queueHtml(gen.queue),
      update({ interactive: busy }),
      update({ interactive: busy }),
      update({ visible: false }),
    ]
  },
}

/** Step 8. The final gallery; the page goes back to rest. */
export function finalizeGeneration(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'finalize_generation',
    parameters: ['state'],
    run: (call) => finalOutputs(studio, call),
  }
}

/** The same at the end of the second chain, with the accordion and the state at the end. */
export function finalizeGenerationWithState(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'finalize_generation_with_state',
    parameters: ['current_state'],
    run: async (call) => {
      const isShort = call.session.gen.queue.length <= 1
      return [...(await finalOutputs(studio, call)), isShort ? update({ open: false }) : update(), null]
    },
  }
}

async function finalOutputs(studio: Studio, { session, root, signal }: FunctionCall): Promise<Outputs> {
  session.gen.inProgress = false
  await studio.clock.wait(settleMs, signal)
  return [
    update({ selected: 'video_images' }),
    0,
    gallery(session, root),
    update(),
    update(),
    update(),
    update({ interactive: true }),
    update({ interactive: true }),
    update({ visible: true }),
    update({ visible: false }),
    update({ visible: false }),
    update({ visible: false, value: '' }),
  ]
}

function gallery({ gen }: Session, root: string): Record<string, unknown> {
  return update({
    selected_index: gen.files.length - 1,
    value: gen.files.map((file) => ({ [file.mediaType]: fileData(file, root), caption: null })),
  })
}

/** `FileData` as 5.29 sends it (measured): the path is the copy in the cache, and the URL is the path unescaped. */
function fileData({ path, mediaType }: GalleryFile, root: string): Record<string, unknown> {
  return {
    path,
    url: `${root}/gradio_api/file=${path}`,
    size: null,
    orig_name: basename(path),
    mime_type: mediaType === 'video' ? 'video/mp4' : 'image/jpeg',
    is_stream: false,
    meta: { _type: 'gradio.FileData' },
  }
}
