/**
 * What the real servers do with `hostileRequests`: aiohttp 3.14.3 (ComfyUI) and uvicorn 0.54 with h11 0.16 (Gradio,
 * LiteLLM), measured with a bare application on each, and where a twin knowingly answers otherwise. Node's parser is
 * stricter than h11, and a client cannot send most of this by accident.
 */

/** Which server stands in front of the real application. */
export type Front = 'aiohttp' | 'uvicorn'

/** Outcomes as `outcomeOf` words them. */
const measured: Readonly<Record<string, readonly [aiohttp: string, uvicorn: string]>> = {
  'header over 8190 bytes': ['400 closed', '200 open'],
  'header name over 8190 bytes': ['400 closed', '200 open'],
  'request line over 8190 bytes': ['400 closed', '200 open'],
  'hundred headers': ['200 open', '200 open'],
  'thousand headers': ['400 closed', '200 open'],
  'header line without end': ['400 closed', '400 closed'],
  'headers without end': ['400 closed', '400 closed'],
  'content-length is no number': ['400 closed', '400 closed'],
  'content-length is negative': ['400 closed', '400 closed'],
  'content-length is signed': ['400 closed', '400 closed'],
  'content-length is a list': ['400 closed', '200 open'],
  'content-length is huge': ['400 closed', 'open'],
  'two content-lengths': ['400 closed', '400 closed'],
  'body shorter than said': ['closed', 'closed'],
  'body longer than said': ['400 closed', '200 400 closed'],
  'chunk size is garbage': ['400 closed', '400 closed'],
  'chunk size is negative': ['400 closed', '400 closed'],
  'chunk size beyond 64 bits': ['400 closed', 'open'],
  'chunk longer than said': ['400 closed', '400 closed'],
  'chunk extension of 20 kB': ['200 open', '200 open'],
  'chunks end in the middle': ['closed', 'closed'],
  'content-length and chunked': ['400 closed', '422 404 open'],
  'unknown transfer-encoding': ['400 closed', '400 closed'],
  'chunked not last': ['400 closed', '400 closed'],
  'space before the colon': ['400 closed', '400 closed'],
  'line feeds only': ['400 closed', '200 open'],
  'folded header': ['400 closed', '200 open'],
  'carriage return in a header': ['400 closed', '400 closed'],
  'no HTTP at all': ['400 closed', '400 closed'],
  'a TLS greeting': ['400 closed', '400 closed'],
  'the HTTP/2 preface': ['400 closed', '404 400 closed'],
  'unknown version': ['400 closed', '200 open'],
  'no version': ['closed', '400 closed'],
  'HTTP/1.0': ['200 closed', '200 closed'],
  'no host': ['400 closed', '400 closed'],
  'two hosts': ['400 closed', '400 closed'],
  'header without colon': ['400 closed', '400 closed'],
  'header with an empty name': ['400 closed', '400 closed'],
  'NUL in a header': ['400 closed', '400 closed'],
  'NUL in the path': ['400 closed', '400 closed'],
  'bytes beyond ASCII in the path': ['400 closed', '400 closed'],
  'unknown method': ['400 closed', '405 open'],
  'method in small letters': ['400 closed', '405 open'],
  CONNECT: ['404 open', '404 open'],
  'the whole address': ['200 open', '404 open'],
  'an asterisk': ['404 open', '404 open'],
  'unknown expectation': ['417 open', '200 open'],
  'upgrade to h2c': ['200 open', '200 open'],
  'upgrade of a plain route': ['200 open', '200 open'],
  'hundred requests at once': ['200 x100 open', '200 x100 open'],
}

const strict = "Node's parser refuses it"

type Difference = readonly [outcome: string, why: string]

/** What a twin does instead, and why. */
const differences: Readonly<Record<Front, Readonly<Record<string, Difference>>>> = {
  aiohttp: {
    'chunk extension of 20 kB': ['400 closed', strict],
    'no version': ['200 closed', "HTTP/0.9 is answered, but with a head that says 1.1; Node's habit"],
    'two hosts': ['200 open', 'Node takes the first'],
    CONNECT: ['closed', 'Node drops it where nobody listens for it'],
    'an asterisk': ['200 open', 'ComfyUI answers every OPTIONS (golden 12), the bare application did not'],
  },
  uvicorn: {
    'thousand headers': ['400 closed', strict],
    'content-length is a list': ['400 closed', strict],
    'content-length is huge': ['400 closed', strict],
    'body longer than said': ['400 closed', 'Node meets the rest before the answer has left'],
    'chunk size beyond 64 bits': ['400 closed', strict],
    'chunk extension of 20 kB': ['400 closed', strict],
    'content-length and chunked': ['400 closed', `${strict}; uvicorn lets the second request in`],
    'line feeds only': ['400 closed', strict],
    'folded header': ['400 closed', strict],
    'the HTTP/2 preface': ['400 closed', strict],
    'unknown version': ['400 closed', strict],
    'no version': ['200 closed', "HTTP/0.9 is answered; Node's habit"],
    'two hosts': ['200 open', 'Node takes the first'],
    'unknown method': ['400 closed', strict],
    'method in small letters': ['400 closed', strict],
    CONNECT: ['closed', 'Node drops it where nobody listens for it'],
    'unknown expectation': ['417 open', 'Node answers it itself'],
  },
}

/** What a twin behind this front must do. */
export function expectedOutcome(front: Front, name: string): string {
  const [aiohttp = '', uvicorn = ''] = measured[name] ?? []
  return differences[front][name]?.[0] ?? (front === 'aiohttp' ? aiohttp : uvicorn)
}
