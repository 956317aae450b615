/** Finds the finished video in the outputs of `finalize_generation`. */
import { ClientError } from '../errors.ts'
import { asArray, asObject, asText } from '../transport/json.ts'

export type GalleryFile = {
  /** Path and query on the server we talk to; the host in the file's own URL may be one only the server knows. */
  readonly path: string
  readonly fileName: string
}

/**
 * The gallery is a list of `{"video": FileData}`, or a property update with that list as `value`; the newest file is the
 * last one. Which output it is differs between versions, so it is found by its shape.
 * @throws ClientError `no-output` if the generation left no file.
 */
export function galleryVideo(outputs: readonly unknown[]): GalleryFile {
  const videos = outputs
    .flatMap((output) => (Array.isArray(output) ? (output as unknown[]) : asArray(asObject(output).value)))
    .map((item) => asObject(asObject(item).video))
  const url = asText(videos.findLast((video) => video.url !== undefined)?.url)
  if (url === undefined) {
    const message = 'Cannot finish the video job: the gallery holds no video; see the log of Wan2GP'
    throw new ClientError({ errorClass: 'execution', code: 'no-output', message })
  }
  const { pathname, search } = new URL(url, 'http://service')
  const fileName = decodeURIComponent(pathname.split('/').at(-1) ?? '')
  return { path: pathname + search, fileName }
}
