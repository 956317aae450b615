/**
 * Nodes that read and write files. A picture follows from prompt text and seed alone, and its text chunks from the
 * workflow, so the same workflow gives the same bytes on any twin, also after a restart.
 */
import { renderImage, stringifyPython } from '@squall/twin-kit'
import type { FileReference, FolderType } from '../folders.ts'
import { type Behaviour, factsOf, type NodeRun, onAllOutputs, textOf } from './behaviour.ts'

async function saveImages(run: NodeRun, type: FolderType, prefix: string): Promise<FileReference[]> {
  const { text = '', seed = 0, width = 512, height = 512, batch = 1 } = factsOf(run, 'images')
  const files: FileReference[] = []
  for (let index = 0; index < batch; index++) {
    const bytes = renderImage({
      prompt: text,
      seed: Number(seed) + index,
      width,
      height,
      text: textChunks(run),
    })
    const numbered = withVariables(prefix, width, height).replaceAll('%batch_num%', String(index))
    files.push(await run.save(type, numbered, '.png', bytes))
  }
  return files
}

/** `prompt` always, then every member of `extra_pnginfo` (usually `workflow`). */
function textChunks(run: NodeRun): Record<string, string> {
  const extra = run.extraData['extra_pnginfo']
  const members = typeof extra === 'object' && extra !== null ? Object.entries(extra) : []
  const chunks = members.map(([key, value]) => [key, stringifyPython(value)])
  return { prompt: stringifyPython(run.graph), ...(Object.fromEntries(chunks) as Record<string, string>) }
}

/** `%width%` and the date variables of a file name prefix. */
function withVariables(prefix: string, width: number, height: number): string {
  const now = new Date()
  const two = (value: number): string => String(value).padStart(2, '0')
  const values: Record<string, string> = {
    width: String(width),
    height: String(height),
    year: String(now.getFullYear()),
    month: two(now.getMonth() + 1),
    day: two(now.getDate()),
    hour: two(now.getHours()),
    minute: two(now.getMinutes()),
    second: two(now.getSeconds()),
  }
  return prefix.replace(/%(\w+)%/g, (whole, name: string) => values[name] ?? whole)
}

const saveImage: Behaviour = async (run) => {
  const images = await saveImages(run, 'output', textOf(run, 'filename_prefix'))
  return { outputs: [factsOf(run, 'images')], ui: { images } }
}

const previewImage: Behaviour = async (run) => {
  const images = await saveImages(run, 'temp', `ComfyUI_temp_${run.temporaryPrefix}`)
  return { outputs: [factsOf(run, 'images')], ui: { images } }
}

const previewAny: Behaviour = (run) => {
  const source = run.inputs['source']
  const text = typeof source === 'string' ? source : stringifyPython(source)
  return { ...onAllOutputs(run, { text }), ui: { text: [text] } }
}

/** The file's pixels are not looked at; its name stands for them. */
const loadImage: Behaviour = (run) => onAllOutputs(run, { text: textOf(run, 'image') })

/** By class name. */
export const fileNodes: Readonly<Record<string, Behaviour>> = {
  SaveImage: saveImage,
  PreviewImage: previewImage,
  PreviewAny: previewAny,
  LoadImage: loadImage,
  LoadImageMask: loadImage,
}
