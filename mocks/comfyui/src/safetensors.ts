/** The safetensors format: the length of a header, the header in JSON, the numbers. Read as far as the header goes. */
import { open } from 'node:fs/promises'
import { isObject } from './answer.ts'
import { PythonError, type TracebackPlace } from './python-error.ts'

/** Name, shape and numbers of one tensor. */
export type Tensor = { readonly shape: readonly number[]; readonly numbers: Float32Array }

/** Longest header the real library takes. */
const headerBytesMax = 100_000_000

/** Writes a file. */
export function writeSafetensors(
  metadata: Readonly<Record<string, string>>,
  tensors: Readonly<Record<string, Tensor>>,
): Buffer {
  const parts = Object.values(tensors).map(({ numbers }) => Buffer.from(numbers.buffer))
  let at = 0
  const entries = Object.entries(tensors).map(([name, { shape, numbers }]) => {
    const start = at
    at += numbers.byteLength
    return [name, { dtype: 'F32', shape, data_offsets: [start, at] }]
  })
  const text = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) })
  const header = Buffer.from(text)
  const padding = Buffer.alloc((8 - (header.length % 8)) % 8, ' ')
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length + padding.length))
  return Buffer.concat([length, header, padding, ...parts])
}

/** The header of a file. Throws the PythonError that the real library raises for a damaged one (golden 16). */
export async function readSafetensorsHeader(
  path: string,
  places: readonly TracebackPlace[] = [],
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await readHeader(path)
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    throw new PythonError(
      'safetensors._safetensors_rust.SafetensorError',
      `Error while deserializing header: ${error.message}`,
      places,
    )
  }
}

/** What is wrong with a file, in the words of the real library. */
class Damage extends Error {}

async function readHeader(path: string): Promise<Readonly<Record<string, unknown>>> {
  await using file = await open(path)
  const { size } = await file.stat()
  const { buffer: length, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
  if (bytesRead < 8) throw new Damage('header too small')
  const headerBytes = length.readBigUInt64LE()
  if (headerBytes > headerBytesMax) throw new Damage('header too large')
  const wanted = Number(headerBytes)
  if (wanted + 8 > size) throw new Damage('invalid header length')
  const { buffer: text } = await file.read(Buffer.alloc(wanted), 0, wanted, 8)
  const header = parseHeader(text.toString())
  if (dataEnd(header) + 8 + wanted !== size) throw new Damage('incomplete metadata, file not fully covered')
  return header
}

function parseHeader(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '')
    throw new Damage('invalid JSON in header: EOF while parsing a value at line 1 column 0')
  try {
    const header = JSON.parse(text) as unknown
    if (isObject(header)) return header
  } catch {
    // The text below stands for every kind of wrong JSON.
  }
  throw new Damage('invalid JSON in header: expected value at line 1 column 1')
}

/** Where the numbers of the last tensor end. */
function dataEnd(header: Readonly<Record<string, unknown>>): number {
  const ends = Object.values(header).map((entry) => {
    const offsets = isObject(entry) ? entry['data_offsets'] : undefined
    return Array.isArray(offsets) ? Number(offsets[1]) : 0
  })
  return Math.max(0, ...ends)
}
