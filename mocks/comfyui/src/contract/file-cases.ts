/** `/view` and `/upload/*` (comfyui.md 1.1 and 1.2, golden 10). Uploads go to `temp`, which a restart empties. */

import { encodePng } from '@squall/twin-kit'
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { check, having, matching, number, text } from '@squall/twin-kit/conformance/compare'
import { type Answer, jsonOf, type Sent } from '@squall/twin-kit/conformance/send'
import { type ComfyuiTarget, freshClientId, smallGraph } from './comfyui-target.ts'

type ViewRow = readonly [name: string, query: string, status: number]

const viewRows: readonly ViewRow[] = [
  ['no name', '', 404],
  ['a file that is not there', 'filename=squall-nowhere.png', 404],
  ['an empty name', 'filename=', 400],
  ['a name with a slash in front', 'filename=/etc/passwd', 400],
  ['two dots in a name', 'filename=a..b.png', 400],
  ['a way out in the name', 'filename=../../etc/passwd', 400],
  ['no such kind of folder', 'filename=a.png&type=models', 400],
  ['a folder outside', 'filename=passwd&subfolder=../../../etc', 403],
  ['an absolute folder', 'filename=passwd&subfolder=/etc', 403],
]

/** A form of `name: value` or `name: [file name, bytes]`. */
type Fields = Readonly<Record<string, string | readonly [fileName: string, bytes: Buffer]>>

const boundary = 'squall-conformance'

function form(path: string, fields: Fields): Sent {
  const parts = Object.entries(fields).flatMap(([name, value]) => {
    const [file, bytes] =
      typeof value === 'string' ? ['', Buffer.from(value)] : [`; filename="${value[0]}"`, value[1]]
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`
    return [Buffer.from(head), bytes, Buffer.from('\r\n')]
  })
  const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
  return {
    method: 'POST',
    path,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body,
  }
}

function square(shade: number): Buffer {
  return encodePng({ width: 8, height: 8, rgb: new Uint8Array(8 * 8 * 3).fill(shade) })
}

type UploadRow = readonly [name: string, fields: Fields, status: number, ...needs: string[]]

const uploadRows: readonly UploadRow[] = [
  ['no image', { other: 'x' }, 400],
  ['a way out in the folder', { image: ['b.png', square(1)], type: 'temp', subfolder: '../../x' }, 400],
  ['a way out in the name', { image: ['..%2F..%2Fevil.png', square(1)], type: 'temp', subfolder: '..' }, 400],
  ['an image that is a text', { image: 'text' }, 500],
  ['no such kind of folder', { image: ['b.png', square(1)], type: 'models' }, 500],
]

const uploads: readonly Case<ComfyuiTarget>[] = [
  {
    name: 'upload: the same bytes keep the name, others get another',
    run: async ({ send }) => {
      const name = `${freshClientId()}.png`
      const upload = async (shade: number, more: Fields = {}): Promise<unknown> =>
        jsonOf(await send(form('/upload/image', { image: [name, square(shade)], type: 'temp', ...more })))
      const stored = (given: string): unknown => having({ name: given, subfolder: '', type: 'temp' })
      check('first', await upload(1), stored(name))
      check('same bytes', await upload(1), stored(name))
      check('other bytes', await upload(2), stored(name.replace('.png', ' (1).png')))
      check('third bytes', await upload(3), stored(name.replace('.png', ' (2).png')))
      check('overwrite', await upload(4, { overwrite: 'true' }), stored(name))
      check(
        'overwrite=True is no yes',
        await upload(5, { overwrite: 'True' }),
        stored(name.replace('.png', ' (3).png')),
      )
      const viewed = await send({ path: `/view?filename=${name}&type=temp` })
      check('overwritten bytes', viewed.bytes.equals(square(4)), true)
    },
  },
  {
    name: 'upload: the content is not looked at, the folder is made',
    run: async ({ send }) => {
      const folder = freshClientId()
      const fields: Fields = { image: ['note.txt', Buffer.from('hello')], type: 'temp', subfolder: folder }
      check(
        'answer',
        jsonOf(await send(form('/upload/image', fields))),
        having({ name: 'note.txt', subfolder: folder }),
      )
      const viewed = await send({ path: `/view?filename=note.txt&type=temp&subfolder=${folder}` })
      check('file', { status: viewed.status, text: viewed.text }, { status: 200, text: 'hello' })
    },
  },
  {
    name: 'upload: a mask of a picture that is not there is answered and not written',
    run: async ({ send }) => {
      const name = `${freshClientId()}.png`
      const original = JSON.stringify({ filename: 'squall-nowhere.png', subfolder: '', type: 'input' })
      const fields: Fields = { image: [name, square(1)], type: 'temp', original_ref: original }
      const answer = await send(form('/upload/mask', fields))
      check(
        'answer',
        { status: answer.status, body: jsonOf(answer) },
        { status: 200, body: having({ name }) },
      )
      check('file', (await send({ path: `/view?filename=${name}&type=temp` })).status, 404)
    },
  },
  {
    name: 'upload: a picture can be used in the next prompt',
    needs: ['harm'],
    run: async (target) => {
      const fields: Fields = { image: ['squall-conformance.png', square(9)], overwrite: 'true' }
      check('upload', (await target.send(form('/upload/image', fields))).status, 200)
      const graph = {
        ...smallGraph(),
        1: { class_type: 'LoadImage', inputs: { image: 'squall-conformance.png' } },
      }
      const { id, socket } = await target.runToEnd(graph)
      check('success', socket.order.includes('execution_success'), true)
      await target.forget(id)
    },
  },
]

/** The group. */
export const fileCases: Group<ComfyuiTarget> = {
  name: 'files',
  cases: [
    ...viewRows.map(
      ([name, query, status]): Case<ComfyuiTarget> => ({
        name: `view: ${name}`,
        run: async ({ send }) =>
          check(`GET /view?${query}`, (await send({ path: `/view?${query}` })).status, status),
      }),
    ),
    {
      name: 'view: a picture whole, in part, unchanged, as JPEG and without alpha',
      run: (target) => withPicture(target, viewPicture),
    },
    ...uploadRows.map(
      ([name, fields, status, ...needs]): Case<ComfyuiTarget> => ({
        name: `upload: ${name}`,
        needs,
        run: async ({ send }) => check('POST', (await send(form('/upload/image', fields))).status, status),
      }),
    ),
    ...uploads,
  ],
}

async function withPicture(
  target: ComfyuiTarget,
  look: (view: (more?: string, sent?: Partial<Sent>) => Promise<Answer>, name: string) => Promise<void>,
): Promise<void> {
  const { id, socket } = await target.runToEnd(smallGraph())
  const output = socket.frames.find(({ type }) => type === 'executed')?.data['output']
  check('output', output, { images: [having({ filename: text, type: 'temp' })] })
  const [{ filename }] = (output as { images: [{ filename: string }] }).images
  await look(
    (more = '', sent = {}) => target.send({ path: `/view?filename=${filename}&type=temp${more}`, ...sent }),
    filename,
  )
  await target.forget(id)
}

async function viewPicture(
  view: (more?: string, sent?: Partial<Sent>) => Promise<Answer>,
  name: string,
): Promise<void> {
  const whole = await view()
  check(
    'whole',
    { status: whole.status, magic: whole.bytes.toString('hex', 0, 8), headers: whole.headers },
    {
      status: 200,
      magic: '89504e470d0a1a0a',
      headers: having({
        'content-type': 'image/png',
        'content-disposition': `filename="${name}"`,
        'x-content-type-options': 'nosniff',
        'accept-ranges': 'bytes',
        etag: text,
        'last-modified': text,
      }),
    },
  )
  const part = await view('', { headers: { range: 'bytes=1-3' } })
  check(
    'part',
    { status: part.status, text: part.text, range: part.headers['content-range'] },
    {
      status: 206,
      text: 'PNG',
      range: `bytes 1-3/${whole.bytes.length}`,
    },
  )
  check('beyond', (await view('', { headers: { range: 'bytes=99999999-' } })).status, 416)
  check(
    'unchanged',
    (await view('', { headers: { 'if-none-match': whole.headers['etag'] ?? '' } })).status,
    304,
  )
  const head = await view('', { method: 'HEAD' })
  check(
    'head',
    { status: head.status, length: Number(head.headers['content-length']), body: head.text },
    {
      status: 200,
      length: whole.bytes.length,
      body: '',
    },
  )
  const jpeg = await view('&preview=jpeg;80')
  check(
    'jpeg',
    { type: jpeg.headers['content-type'], magic: jpeg.bytes.toString('hex', 0, 2) },
    {
      type: matching(/^image\/jpeg/),
      magic: 'ffd8',
    },
  )
  const rgb = await view('&channel=rgb')
  check(
    'rgb',
    { type: rgb.headers['content-type'], bytes: rgb.bytes.length },
    { type: 'image/png', bytes: number },
  )
  check('by annotation', (await view('', { path: `/view?filename=${name}%20%5Btemp%5D` })).status, 200)
}
