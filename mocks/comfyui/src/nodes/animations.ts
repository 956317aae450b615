/**
 * Nodes that make one file out of many frames. Frame n is the picture moved n steps aside, so the frames follow from
 * prompt and seed as single pictures do.
 * Knowingly different: every film is H.264, whatever codec was asked for, and a `.webm` is therefore Matroska and no
 * WebM; there is no sound.
 */
import { encodeAnimatedPng, encodeAnimatedWebp, renderFrame, renderVideo, toMatroska } from '@squall/twin-kit'
import type { FileReference } from '../folders.ts'
import { type Behaviour, countOf, factsOf, type NodeRun, pictureOf, textOf } from './behaviour.ts'
import { filledPrefix } from './file-prefix.ts'
import { workflowTexts } from './workflow-text.ts'

/** What clients see of a film: under `images`, with a mark beside it (measured, protocol notes 7). */
function shown(file: FileReference): Readonly<Record<string, unknown>> {
  return { images: [file], animated: [true] }
}

const saveWebp: Behaviour = async (run) => {
  const facts = factsOf(run, 'images')
  const picture = pictureOf(facts)
  const quality = run.inputs['lossless'] === false ? Math.max(1, countOf(run, 'quality', 80)) : 100
  const frameMs = 1000 / countOf(run, 'fps', 6)
  const bytes = encodeAnimatedWebp({ ...picture, frames: framesOf(run), frameMs, quality })
  const prefix = filledPrefix(textOf(run, 'filename_prefix'), picture)
  return { outputs: [facts], ui: shown(await run.save('output', prefix, '.webp', bytes)) }
}

/** The workflow stands in chunks of the server's own, behind the pixels. */
const savePng: Behaviour = async (run) => {
  const facts = factsOf(run, 'images')
  const picture = pictureOf(facts)
  const after = Object.entries(workflowTexts(run)).map(
    ([key, text]) => ['comf', Buffer.from(`${key}\0${text}`, 'latin1')] as const,
  )
  const frameMs = 1000 / countOf(run, 'fps', 6)
  const bytes = encodeAnimatedPng({ ...picture, frames: framesOf(run), frameMs, after })
  const prefix = filledPrefix(textOf(run, 'filename_prefix'), picture)
  return { outputs: [facts], ui: shown(await run.save('output', prefix, '.png', bytes)) }
}

function framesOf(run: NodeRun): Uint8Array[] {
  const { batch = 1, ...facts } = factsOf(run, 'images')
  const picture = pictureOf(facts)
  return Array.from({ length: batch }, (_, frame) => renderFrame(picture, frame))
}

const createVideo: Behaviour = (run) => ({
  outputs: [{ ...factsOf(run, 'images'), fps: countOf(run, 'fps', 30) }],
})

const saveVideo: Behaviour = async (run) => {
  const facts = factsOf(run, 'video')
  const format = textOf(run, 'format')
  const extension = format === 'mkv' || format === 'webm' ? (`.${format}` as const) : '.mp4'
  return { outputs: [facts], ui: shown(await saveFilm(run, 'video', facts.fps ?? 30, extension)) }
}

const saveWebm: Behaviour = async (run) => ({
  outputs: [factsOf(run, 'images')],
  ui: shown(await saveFilm(run, 'images', countOf(run, 'fps', 24), '.webm')),
})

async function saveFilm(
  run: NodeRun,
  input: string,
  fps: number,
  extension: '.mp4' | '.mkv' | '.webm',
): Promise<FileReference> {
  const { batch: frames = 1, ...facts } = factsOf(run, input)
  const picture = pictureOf(facts)
  // The encoder wants even sides.
  const even = (side: number): number => Math.max(2, side - (side % 2))
  const film = { ...picture, width: even(picture.width), height: even(picture.height), frames, fps }
  const mp4 = await renderVideo(film)
  const bytes = extension === '.mp4' ? mp4 : toMatroska(mp4, film)
  return run.save('output', filledPrefix(textOf(run, 'filename_prefix'), picture), extension, bytes)
}

/** By class name. */
export const animations: Readonly<Record<string, Behaviour>> = {
  SaveAnimatedWEBP: saveWebp,
  SaveAnimatedPNG: savePng,
  CreateVideo: createVideo,
  SaveVideo: saveVideo,
  SaveWEBM: saveWebm,
}
