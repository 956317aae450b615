/**
 * WebSocket frames that no honest client sends, and what aiohttp 3.14.3 does with them (measured with a bare
 * application that reads messages as ComfyUI does). Outcomes: `alive` if it still answers a ping, else the code of
 * its close frame, or `gone` without one. The reset of an early close can overtake its frame: `1009|gone`.
 */

type FrameOptions = {
  /** First byte: FIN, reserved bits, opcode. */
  readonly first: number
  readonly payload?: Buffer | string
  /** Length that the frame claims, if it lies. */
  readonly claims?: number
  readonly isMasked?: boolean
}

/** A frame with an all-zero mask, of any length. */
export function rawFrame({ first, payload = '', claims, isMasked = true }: FrameOptions): Buffer {
  const bytes = Buffer.from(payload)
  const length = claims ?? bytes.length
  const mask = isMasked ? 0x80 : 0
  const head =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([first, mask | 127]), wide(length)])
  return Buffer.concat([head, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), bytes])
}

function wide(length: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(length))
  return bytes
}

const [text, binary, close, ping, pong, last] = [0x01, 0x02, 0x08, 0x09, 0x0a, 0x80]
const megabyte = 1024 * 1024

export type HostileFrames = {
  readonly name: string
  readonly frames: readonly Buffer[]
  readonly real: string
  /** Where the twin knowingly does otherwise (README). */
  readonly twin?: string
}

export const hostileFrames: readonly HostileFrames[] = [
  {
    name: 'text that is no UTF-8',
    frames: [rawFrame({ first: last | text, payload: Buffer.from([0xc3, 0x28]) })],
    real: '1007',
  },
  {
    name: 'bytes of every value',
    frames: [
      rawFrame({
        first: last | binary,
        payload: Buffer.from(Array.from({ length: 256 }, (_, value) => value)),
      }),
    ],
    real: 'alive',
  },
  { name: 'a reserved bit', frames: [rawFrame({ first: last | 0x40 | text, payload: 'x' })], real: '1002' },
  {
    name: 'all reserved bits',
    frames: [rawFrame({ first: last | 0x70 | text, payload: 'x' })],
    real: '1002',
  },
  { name: 'an unknown opcode', frames: [rawFrame({ first: last | 0x03, payload: 'x' })], real: '1002' },
  {
    name: 'an unknown control opcode',
    frames: [rawFrame({ first: last | 0x0b, payload: 'x' })],
    real: '1002',
  },
  {
    name: 'an unmasked frame',
    frames: [rawFrame({ first: last | text, payload: 'x', isMasked: false })],
    real: 'alive',
    twin: '1002',
  },
  {
    name: 'just under 4 MiB',
    frames: [rawFrame({ first: last | text, payload: Buffer.alloc(4 * megabyte - 1, 'x') })],
    real: 'alive',
  },
  {
    name: 'over 4 MiB',
    frames: [rawFrame({ first: last | text, payload: Buffer.alloc(4 * megabyte + 1, 'x') })],
    real: '1009|gone',
  },
  {
    name: 'claims 1 GiB',
    frames: [rawFrame({ first: last | text, payload: 'x', claims: 1024 * megabyte })],
    real: '1009|gone',
  },
  {
    name: 'claims 2^60',
    frames: [rawFrame({ first: last | text, payload: 'x', claims: 2 ** 60 })],
    real: '1009|gone',
  },
  {
    name: 'fragments over 4 MiB in all',
    frames: [
      rawFrame({ first: text, payload: Buffer.alloc(3 * megabyte, 'x') }),
      rawFrame({ first: 0, payload: Buffer.alloc(3 * megabyte, 'x') }),
    ],
    real: '1009|gone',
  },
  {
    name: 'fragments without end',
    frames: [
      rawFrame({ first: text, payload: 'x' }),
      ...Array.from({ length: 5000 }, () => rawFrame({ first: 0, payload: 'x' })),
    ],
    real: 'alive',
  },
  {
    name: 'empty fragments',
    frames: [rawFrame({ first: text }), ...Array.from({ length: 5000 }, () => rawFrame({ first: 0 }))],
    real: 'alive',
  },
  { name: 'a continuation of nothing', frames: [rawFrame({ first: last, payload: 'x' })], real: '1002' },
  {
    name: 'a text inside a text',
    frames: [rawFrame({ first: text, payload: 'x' }), rawFrame({ first: last | text, payload: 'y' })],
    real: '1002',
  },
  {
    name: 'a ping over 125 bytes',
    frames: [rawFrame({ first: last | ping, payload: Buffer.alloc(126) })],
    real: '1002',
  },
  { name: 'a ping in fragments', frames: [rawFrame({ first: ping, payload: 'x' })], real: '1002' },
  {
    name: 'a flood of pings',
    frames: Array.from({ length: 20_000 }, () =>
      rawFrame({ first: last | ping, payload: Buffer.alloc(125) }),
    ),
    real: 'alive',
  },
  {
    name: 'a flood of pongs',
    frames: Array.from({ length: 20_000 }, () => rawFrame({ first: last | pong, payload: 'x' })),
    real: 'alive',
  },
  {
    name: 'a flood of texts',
    frames: Array.from({ length: 20_000 }, () => rawFrame({ first: last | text, payload: '{"type": "x"}' })),
    real: 'alive',
  },
  {
    name: 'a close frame of one byte',
    frames: [rawFrame({ first: last | close, payload: 'x' })],
    real: '1002',
  },
  {
    name: 'a close code below 1000',
    frames: [rawFrame({ first: last | close, payload: Buffer.from([0, 5]) })],
    real: '1002',
  },
  {
    name: 'a close code that is reserved',
    frames: [rawFrame({ first: last | close, payload: Buffer.from([0x03, 0xed]) })],
    real: '1002',
  },
  {
    name: 'a close code of its own',
    frames: [rawFrame({ first: last | close, payload: Buffer.from([0x0f, 0xa0]) })],
    real: '1000',
  },
  {
    name: 'a close reason that is no UTF-8',
    frames: [rawFrame({ first: last | close, payload: Buffer.from([0x03, 0xe8, 0xc3, 0x28]) })],
    real: '1007',
  },
  {
    name: 'a close frame over 125 bytes',
    frames: [rawFrame({ first: last | close, payload: Buffer.alloc(200, 3) })],
    real: '1002',
  },
  { name: 'plain HTTP inside', frames: [Buffer.from('GET / HTTP/1.1\r\n\r\n')], real: '1002' },
  {
    name: 'half a frame, which takes the next as its rest',
    frames: [Buffer.from([last | text])],
    real: '1007',
  },
  {
    name: 'deep JSON',
    frames: [rawFrame({ first: last | text, payload: '['.repeat(100_000) + ']'.repeat(100_000) })],
    real: 'alive',
  },
  {
    name: 'JSON that is no object',
    frames: ['null', '12', '"x"', '[]', '{"type": {"a": 1}}', '{"type": "feature_flags", "data": 12}'].map(
      (payload) => rawFrame({ first: last | text, payload }),
    ),
    real: 'alive',
  },
]

/** What is sent after the frames, and the answer to it if the server still listens. */
export const question = rawFrame({ first: last | ping, payload: 'still there?' })
const reply = Buffer.concat([Buffer.from([last | pong, 12]), Buffer.from('still there?')])

/** Reads an outcome from what the server sent, frame by frame. */
export function outcomeOf(sent: Buffer): string {
  if (sent.includes(reply)) return 'alive'
  for (let at = 0; at + 1 < sent.length; ) {
    const [first = 0, second = 0] = [sent[at], sent[at + 1]]
    const head = second === 126 ? 4 : second === 127 ? 10 : 2
    const length =
      second === 126
        ? sent.readUInt16BE(at + 2)
        : second === 127
          ? Number(sent.readBigUInt64BE(at + 2))
          : second
    if ((first & 0x0f) === close) return length < 2 ? 'close' : String(sent.readUInt16BE(at + head))
    at += head + length
  }
  return 'gone'
}
