/**
 * Requests that no honest client sends: limits, lies about lengths, garbage, smuggling shapes. Each is bytes for one
 * connection; `path` is a cheap GET route of the server and `jsonPath` one that reads a JSON body.
 */

export type HostileRequest = {
  readonly name: string
  readonly bytes: string
  /** Our side closes after the last byte. */
  readonly thenEnd?: boolean
}

export type Routes = { readonly path: string; readonly jsonPath: string }

/** Long enough for every limit of the real servers (aiohttp 8190 per line, uvicorn 64 KiB in all). */
const longBytes = 9000
const endlessBytes = 1_000_000

/** All of them, for one server. */
export function hostileRequests({ path, jsonPath }: Routes): readonly HostileRequest[] {
  const get = (...lines: string[]): string =>
    [`GET ${path} HTTP/1.1`, 'Host: twin', ...lines, '', ''].join('\r\n')
  const post = (lines: readonly string[], body: string): string =>
    [`POST ${jsonPath} HTTP/1.1`, 'Host: twin', 'Content-Type: application/json', ...lines, '', body].join(
      '\r\n',
    )
  const chunked = (body: string): string => post(['Transfer-Encoding: chunked'], body)
  return [
    ...limits(get, path),
    ...lengths(post),
    ...chunks(chunked),
    ...smuggling(post),
    ...shapes(get, path),
  ]
}

type Get = (...lines: string[]) => string
type Post = (lines: readonly string[], body: string) => string

function limits(get: Get, path: string): HostileRequest[] {
  const many = Array.from({ length: 100 }, (_, index) => `X-${index}: ${'v'.repeat(100)}`)
  return [
    { name: 'header over 8190 bytes', bytes: get(`X-Long: ${'v'.repeat(longBytes)}`) },
    { name: 'header name over 8190 bytes', bytes: get(`${'n'.repeat(longBytes)}: v`) },
    { name: 'request line over 8190 bytes', bytes: get().replace(path, `${path}?${'q'.repeat(longBytes)}`) },
    { name: 'hundred headers', bytes: get(...many) },
    { name: 'thousand headers', bytes: get(...Array.from({ length: 10 }, () => many).flat()) },
    {
      name: 'header line without end',
      bytes: `GET ${path} HTTP/1.1\r\nX-Endless: ${'v'.repeat(endlessBytes)}`,
    },
    {
      name: 'headers without end',
      bytes: `GET ${path} HTTP/1.1\r\n${'X-Again: and again\r\n'.repeat(endlessBytes / 20)}`,
    },
  ]
}

function lengths(post: Post): HostileRequest[] {
  const cases = {
    'no number': 'abc',
    negative: '-1',
    signed: '+2',
    'a list': '2, 2',
    huge: '99999999999999999999',
  }
  return [
    ...Object.entries(cases).map(([name, length]) => ({
      name: `content-length is ${name}`,
      bytes: post([`Content-Length: ${length}`], '{}'),
    })),
    { name: 'two content-lengths', bytes: post(['Content-Length: 2', 'Content-Length: 3'], '{}') },
    { name: 'body shorter than said', bytes: post(['Content-Length: 50'], '{"a":'), thenEnd: true },
    { name: 'body longer than said', bytes: post(['Content-Length: 2'], '{}and more of it\r\n\r\n') },
  ]
}

function chunks(chunked: (body: string) => string): HostileRequest[] {
  return [
    { name: 'chunk size is garbage', bytes: chunked('zz\r\n{}\r\n0\r\n\r\n') },
    { name: 'chunk size is negative', bytes: chunked('-2\r\n{}\r\n0\r\n\r\n') },
    { name: 'chunk size beyond 64 bits', bytes: chunked('fffffffffffffffff\r\n{}\r\n0\r\n\r\n') },
    { name: 'chunk longer than said', bytes: chunked('1\r\n{}\r\n0\r\n\r\n') },
    { name: 'chunk extension of 20 kB', bytes: chunked(`2;${'e'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`) },
    { name: 'chunks end in the middle', bytes: chunked('ff\r\n{}'), thenEnd: true },
  ]
}

function smuggling(post: Post): HostileRequest[] {
  const second = '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: twin\r\n\r\n'
  return [
    {
      name: 'content-length and chunked',
      bytes: post([`Content-Length: ${second.length}`, 'Transfer-Encoding: chunked'], second),
    },
    { name: 'unknown transfer-encoding', bytes: post(['Transfer-Encoding: xchunked'], second) },
    { name: 'chunked not last', bytes: post(['Transfer-Encoding: chunked, identity'], second) },
    { name: 'space before the colon', bytes: post(['Transfer-Encoding : chunked'], second) },
    { name: 'line feeds only', bytes: post(['Content-Length: 2'], '{}').replaceAll('\r\n', '\n') },
    { name: 'folded header', bytes: post(['X-Folded: one', '\ttwo', 'Content-Length: 2'], '{}') },
    {
      name: 'carriage return in a header',
      bytes: post(['X-Split: a\rContent-Length: 9', 'Content-Length: 2'], '{}'),
    },
  ]
}

function shapes(get: Get, path: string): HostileRequest[] {
  const plain = get()
  return [
    { name: 'no HTTP at all', bytes: 'hello, is anybody there?\r\n\r\n' },
    { name: 'a TLS greeting', bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(520, '\x07') },
    { name: 'the HTTP/2 preface', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
    { name: 'unknown version', bytes: plain.replace('HTTP/1.1', 'HTTP/9.9') },
    { name: 'no version', bytes: `GET ${path}\r\n\r\n` },
    { name: 'HTTP/1.0', bytes: plain.replace('HTTP/1.1', 'HTTP/1.0') },
    { name: 'no host', bytes: `GET ${path} HTTP/1.1\r\n\r\n` },
    { name: 'two hosts', bytes: get('Host: other') },
    { name: 'header without colon', bytes: get('this is no header') },
    { name: 'header with an empty name', bytes: get(': value') },
    { name: 'NUL in a header', bytes: get('X-Nul: a\0b') },
    { name: 'NUL in the path', bytes: plain.replace(path, `${path}\0`) },
    { name: 'bytes beyond ASCII in the path', bytes: plain.replace(path, `${path}?q=\xff\xfe`) },
    { name: 'unknown method', bytes: plain.replace('GET', 'FOO') },
    { name: 'method in small letters', bytes: plain.replace('GET', 'get') },
    { name: 'CONNECT', bytes: plain.replace(`GET ${path}`, 'CONNECT twin:80') },
    { name: 'the whole address', bytes: plain.replace(path, `http://twin${path}`) },
    { name: 'an asterisk', bytes: plain.replace(`GET ${path}`, 'OPTIONS *') },
    { name: 'unknown expectation', bytes: get('Expect: miracles') },
    {
      name: 'upgrade to h2c',
      bytes: get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
    },
    {
      name: 'upgrade of a plain route',
      bytes: get(
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ),
    },
    { name: 'hundred requests at once', bytes: plain.repeat(100) },
  ]
}
