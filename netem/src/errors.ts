/**
 * Errors of this package. Each has a stable `code`; messages read "Cannot <verb> <thing>: <state>; <what to do>".
 * Programmer errors are plain assertions and stay untyped.
 */

/** Why the package gave up. Callers match the code, never the text. */
export type NetemErrorCode =
  /** The impairment is no such thing, or contradicts itself. */
  | 'bad-impairment'
  /** The harm to a link is no such thing, or contradicts itself. */
  | 'bad-link'
  /** A link's own port cannot be had. */
  | 'no-port'
  /** The command line or a line of the agent's input is wrong. */
  | 'bad-usage'
  /** No such network device in this namespace, or none could be chosen. */
  | 'no-device'
  /** The device is shaped already. */
  | 'already-shaped'
  /** A privilege is missing. */
  | 'no-permission'
  /** The machine lacks what is needed: TUN, bpf(2), tcx, this processor. */
  | 'unsupported'
  /** The container engine, or the container in it. */
  | 'no-container'
  | 'no-engine'
  | 'no-image'
  /** The kernel refused something for a reason not named above. */
  | 'system-call'
  /** The shaper ended by itself. */
  | 'shaper-died'

export class NetemError extends Error {
  readonly code: NetemErrorCode

  constructor(code: NetemErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NetemError'
    this.code = code
  }
}

/** The text of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return text.trim().replace(/\s*\n\s*/g, ' ')
}
