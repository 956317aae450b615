/** The forms of golden 10, rebuilt from their descriptions: the recording names them and keeps no bytes. */
import { encodePng } from '@squall/twin-kit'

/** A form ready to be sent. */
export type BuiltForm = { readonly contentType: string; readonly body: Buffer }

type Part = { readonly name: string; readonly fileName?: string; readonly content: Buffer | string }

const boundary = 'golden-form'

function square(shade: number): Buffer {
  return encodePng({ width: 8, height: 8, rgb: new Uint8Array(8 * 8 * 3).fill(shade) })
}

const image = (fileName: string, content: Buffer | string = square(10)): Part => ({
  name: 'image',
  fileName,
  content,
})
const field = (name: string, content: string): Part => ({ name, content })
const original = (reference: object): Part => field('original_ref', JSON.stringify(reference))

/** Parts by description. File names are percent-encoded where the recorded client did so. */
const forms: Readonly<Record<string, () => readonly Part[]>> = {
  'image=a.png': () => [image('a.png')],
  'same name, same bytes': () => [image('a.png')],
  'same name, different bytes': () => [image('a.png', square(20))],
  'overwrite=true': () => [image('a.png', square(30)), field('overwrite', 'true')],
  'overwrite=True (not recognised)': () => [image('a.png', square(40)), field('overwrite', 'True')],
  'subfolder=sub/dir': () => [image('b.png'), field('subfolder', 'sub/dir')],
  'type=temp': () => [image('b.png'), field('type', 'temp')],
  'type=output': () => [image('b.png'), field('type', 'output')],
  'type=bogus': () => [image('b.png'), field('type', 'bogus')],
  'filename=../evil.png': () => [image('..%2Fevil.png')],
  'subfolder=../../x': () => [image('b.png'), field('subfolder', '../../x')],
  'filename=x/y.png': () => [image('x%2Fy.png')],
  'image as plain text field': () => [field('image', 'text')],
  'no image field': () => [field('other', 'x')],
  'not an image at all': () => [image('note.txt', 'hello')],
  'unicode name': () => [image('%C3%BCn%C3%AF%20c%C3%B4d%C3%A9.png')],
  'empty file': () => [image('empty.png', '')],
  'mask for a.png': () => [
    image('m.png', square(50)),
    original({ filename: 'a.png', subfolder: '', type: 'input' }),
  ],
  'mask without original_ref': () => [image('m2.png', square(50))],
  'mask original_ref traversal': () => [
    image('m3.png', square(50)),
    original({ filename: '../a.png', subfolder: '', type: 'input' }),
  ],
  'mask original missing (200 but no file written)': () => [
    image('m4.png', square(50)),
    original({ filename: 'nope.png', subfolder: '', type: 'input' }),
  ],
  svg: () => [image('p.svg', "<svg xmlns='http://www.w3.org/2000/svg'/>")],
  '101 MiB file': () => [image('big.png', Buffer.alloc(101 * 1024 * 1024))],
}

/** Builds the form of that description. Throws for one that is unknown. */
export function buildForm(description: string): BuiltForm {
  const parts = forms[description]
  if (parts === undefined) throw new RangeError(`no form is called '${description}'`)
  const chunks = parts().flatMap(({ name, fileName, content }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`
    return [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]
  })
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  }
}
