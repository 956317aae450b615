/** Multipart forms, read into memory with busboy. Twins see fields and files; limits are theirs to set. */
import type { IncomingMessage } from 'node:http'
import { BodyTooLarge, TwinError } from './errors.ts'

/** One uploaded file. `fileName` is what the client sent, without folders. */
export type UploadedFile = {
  readonly field: string
  readonly fileName: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** A whole form. A repeated field keeps its last value. */
export type MultipartForm = {
  readonly fields: ReadonlyMap<string, string>
  readonly files: readonly UploadedFile[]
}

/**
 * Reads the form. Throws TwinError `bad-multipart` if the body is not a well-formed form, BodyTooLarge if one
 * file exceeds `bytesMax`.
 */
export async function readMultipart(
  request: IncomingMessage,
  options: {
    readonly bytesMax: number
    /** Hears of each piece of a file as it comes in. */
    readonly onPiece?: (fileName: string, bytes: number) => void
  },
): Promise<MultipartForm> {
  const { default: busboy } = await import('busboy')
  const fields = new Map<string, string>()
  const files: UploadedFile[] = []
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      request.unpipe()
      request.resume()
      reject(
        error instanceof TwinError
          ? error
          : new TwinError('bad-multipart', `Cannot read the form: ${String(error)}; send a complete form`),
      )
    }
    try {
      const form = busboy({
        headers: request.headers,
        limits: { fileSize: options.bytesMax },
        defParamCharset: 'utf8',
      })
      form.on('field', (name, value) => fields.set(name, value))
      form.on('file', (field, stream, info) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          options.onPiece?.(info.filename ?? '', chunk.length)
        })
        stream.on('limit', () => fail(new BodyTooLarge(options.bytesMax)))
        stream.on('error', fail)
        stream.on('end', () => {
          files.push({
            field,
            fileName: info.filename ?? '',
            mediaType: info.mimeType,
            bytes: Buffer.concat(chunks),
          })
        })
      })
      form.on('error', fail)
      form.on('close', resolve)
      request.on('error', fail)
      request.pipe(form)
    } catch (error) {
      fail(error)
    }
  })
  return { fields, files }
}
