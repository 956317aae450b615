/**
 * Turns what a container engine refused into a typed error that says what to do. The engine tells its reasons in
 * prose only; the texts are those of Engine 20.10 to 28.
 */
import { codeOf, messageOf } from '../support/errors.ts'
import { EngineError, type EngineErrorCode } from './engine-error.ts'

type Reason = {
  readonly code: EngineErrorCode
  readonly shape: RegExp
  /** State and advice; receives the match. */
  readonly say: (match: RegExpExecArray) => string
}

const reasons: readonly Reason[] = [
  {
    code: 'port-in-use',
    shape: /(?:Bind for|listen tcp\d?) \S*?:(\d+)\b.*(?:already allocated|already in use)/,
    say: ([, port]) => `port ${port} of the host is in use; end the program that listens there`,
  },
  {
    code: 'image-missing',
    shape: /no such image:? ?(\S*)|Image "(\S+)" does not exist locally/i,
    say: ([, name, other]) => `image ${name || other || ''} is not in the engine; build or pull it`,
  },
  {
    code: 'no-disk-space',
    shape: /no space left on device|disk quota exceeded/i,
    say: () => 'the disk of the engine is full; make room, for example with "docker image prune"',
  },
  {
    code: 'name-conflict',
    shape: /name "?(\S+?)"? is already in use|network with name (\S+) already exists/i,
    say: ([, name, other]) => `${name ?? other} exists already; run "squall heal"`,
  },
  {
    code: 'no-network-space',
    shape: /non-overlapping IPv4 address pool|all predefined address pools/i,
    say: () =>
      'the engine has no address range left for a network; run "squall heal" or remove unused networks',
  },
]

/** No answer because nobody is there to give one. */
export function isEngineGone(thrown: unknown): boolean {
  return ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EACCES', 'EPIPE'].includes(codeOf(thrown) ?? '')
}

/**
 * @param what completes "Cannot ...": "start comfyui".
 * @param otherwise the code when the reason is none of the known ones.
 * @param advice what to do then.
 */
export function dockerFailure(
  thrown: unknown,
  what: string,
  otherwise: EngineErrorCode,
  advice: string,
): EngineError {
  if (thrown instanceof EngineError) return thrown
  const text = messageOf(thrown)
  const options = { cause: thrown }
  for (const { code, shape, say } of reasons) {
    const match = shape.exec(text)
    if (match) return new EngineError(code, `Cannot ${what}: ${say(match)}`, options)
  }
  if (isEngineGone(thrown)) {
    const state = `the container engine does not answer (${text})`
    return new EngineError('engine-unreachable', `Cannot ${what}: ${state}; see that Docker runs`, options)
  }
  return new EngineError(otherwise, `Cannot ${what}: ${text}; ${advice}`, options)
}
