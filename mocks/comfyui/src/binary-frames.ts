/** Binary WebSocket frames (protocol notes 3.4, golden 03). All numbers are big-endian, four bytes. */
import { stringifyPython } from '@squall/twin-kit'

/** How progress and previews name a node. */
export type PlaceNames = {
  readonly node_id: string
  readonly prompt_id: string
  readonly display_node_id: string
  readonly parent_node_id: string | null
  readonly real_node_id: string
}

const jpeg = 1

/** Type 1: a preview that names neither prompt nor node. */
export function plainPreview(picture: Buffer): Buffer {
  return Buffer.concat([numbers(1, jpeg), picture])
}

/** Type 4: a preview that says where it comes from, for clients that asked for it with `feature_flags`. */
export function describedPreview(place: PlaceNames, picture: Buffer): Buffer {
  const metadata = Buffer.from(stringifyPython({ ...place, image_type: 'image/jpeg' }))
  return Buffer.concat([numbers(4, metadata.length), metadata, picture])
}

/** Type 3: a text a node sends while it runs. */
export function textFrame(nodeId: string, text: string): Buffer {
  const id = Buffer.from(nodeId)
  return Buffer.concat([numbers(3, id.length), id, Buffer.from(text)])
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
  return bytes
}
