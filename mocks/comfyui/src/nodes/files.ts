/**
 * Nodes that read and write pictures. A picture follows from prompt text and seed alone, and its text chunks from the
 * workflow, so the same workflow gives the same bytes on any twin, also after a restart.
 */
import { renderImage, stringifyPython } from '@squall/twin-kit'
import type { FileReference, FolderType } from '../folders.ts'
import { pythonText } from '../python-error.ts'
import { type Behaviour, factsOf, type NodeRun, onAllOutputs, pictureOf, textOf } from './behaviour.ts'
import { filledPrefix } from './file-prefix.ts'
import { pictureSize } from './picture-size.ts'
import { workflowTexts } from './workflow-text.ts'

async function saveImages(run: NodeRun, type: FolderType, prefix: string): Promise<FileReference[]> {
  const { batch = 1 } = factsOf(run, 'images')
  const picture = pictureOf(factsOf(run, 'images'))
  const text = workflowTexts(run)
  const files: FileReference[] = []
  for (let index = 0; index < batch; index++) {
    const bytes = renderImage({ ...picture, seed: picture.seed + index, text })
    files.push(await run.save(type, filledPrefix(prefix, picture), '.png', bytes, index))
  }
  return files
}

const saveImage: Behaviour = async (run) => {
  const images = await saveImages(run, 'output', textOf(run, 'filename_prefix'))
  return { outputs: [factsOf(run, 'images')], ui: { images } }
}

const previewImage: Behaviour = async (run) => {
  const images = await saveImages(run, 'temp', `ComfyUI_temp_${run.temporaryPrefix}`)
  return { outputs: [factsOf(run, 'images')], ui: { images } }
}

/** Constants as Python prints them; of what travels on a link, the text, else the facts. */
const previewAny: Behaviour = (run) => {
  const { source } = run.inputs
  const isConstant = typeof source !== 'object' || source === null
  const text = isConstant ? pythonText(source) : (factsOf(run, 'source').text ?? stringifyPython(source))
  return { ...onAllOutputs(run, { text }), ui: { text: [text] } }
}

/** The size is the file's own; of its pixels nothing is kept, its name stands for them. */
const loadImage: Behaviour = async (run) => {
  const image = textOf(run, 'image')
  const file = await run.readInput(image)
  return onAllOutputs(run, { text: image, ...pictureSize(file.bytes, file.path) })
}

/** By class name. */
export const fileNodes: Readonly<Record<string, Behaviour>> = {
  SaveImage: saveImage,
  PreviewImage: previewImage,
  PreviewAny: previewAny,
  LoadImage: loadImage,
  LoadImageMask: loadImage,
}
