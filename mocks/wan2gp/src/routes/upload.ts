/**
 * `POST /gradio_api/upload`: files go into the Gradio cache under the sha256 of their bytes, whatever folders their
 * names had. Measured on 5.29.0; the limit is the twin's, because it holds an upload in memory. Knowingly other: a part
 * with a content type and no file name is a text field for Gradio (500), and a file without a name here.
 */
import { randomBytes } from 'node:crypto'
import { BodyTooLarge, type Call, type Route, readMultipart, sendJson, TwinError } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'
import { sendDetail, sendText, sendTraceback } from './answers.ts'

const uploadBytesMax = 256 * 1024 * 1024

/** The one route. */
export function uploadRoute(server: Server): Route {
  return {
    method: 'POST',
    path: '/gradio_api/upload',
    point: 'wan2gp.http.upload' satisfies Point,
    handle: (call) => upload(server, call),
  }
}

async function upload(server: Server, { request, response, query }: Call): Promise<void> {
  const type = request.headers['content-type'] ?? ''
  if (!/^multipart\/form-data\s*(?:;|$)/i.test(type)) {
    request.resume()
    return sendDetail(response, 400, 'Invalid content type.')
  }
  if (!/boundary=/i.test(type)) {
    request.resume()
    return sendText(response, 400, 'Missing boundary in multipart.')
  }
  const id = query.get('upload_id')
  const tracked = id === null || id === '' ? undefined : server.uploads.begin(id)
  try {
    const { fields, files } = await readMultipart(request, {
      bytesMax: uploadBytesMax,
      ...(tracked === undefined ? {} : { onPiece: tracked.piece }),
    })
    if (fields.has('files')) {
      const exception = 'TypeError: File is not an instance of GradioUploadFile'
      return sendTraceback(response, { file: 'gradio/routes.py', fn: 'upload_file' }, exception)
    }
    const paths = files
      .filter(({ field }) => field === 'files')
      .map(({ fileName, bytes }) =>
        server.studio.outputs.cache(fileName || `tmp${randomBytes(5).toString('hex')}`, bytes),
      )
    sendJson(response, 200, await Promise.all(paths))
  } catch (error) {
    if (error instanceof BodyTooLarge) sendText(response, 413, 'File exceeded maximum allowed size.')
    // A form that ends too early is an empty one: the parser only knows parts that were complete.
    else if (error instanceof TwinError) sendJson(response, 200, [])
    else throw error
  } finally {
    tracked?.done()
  }
}
