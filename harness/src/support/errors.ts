/**
 * The base of every error the harness throws about the world (an engine that does not answer, a port that is
 * taken). Callers match `code`, never the text. Programmer errors are plain assertions and stay untyped.
 *
 * Message style: "Cannot <verb> <thing>: <state>; <what to do>". No secrets in it.
 */
export class SquallError<Code extends string = string> extends Error {
  /** Stable and kebab-case; part of the contract of whatever throws it. */
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(withoutCredentials(message), options)
    this.name = new.target.name
    this.code = code
  }
}

/** Addresses may carry a user and a password; no message shows them. */
export function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^/@\s]+@/g, '://***@')
}

/** The text of anything that was thrown, on one line. An AggregateError lists its parts, a SuppressedError both. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return thrown.errors.map(messageOf).join('; ')
  }
  if (thrown instanceof SuppressedError) {
    return `${messageOf(thrown.suppressed)}; then: ${messageOf(thrown.error)}`
  }
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return text.trim().replace(/\s*\n\s*/g, ' ') + causeOf(thrown, text)
}

/** "fetch failed" says nothing; the code of its cause ("ECONNREFUSED") does. */
function causeOf(thrown: unknown, text: string): string {
  const code = thrown instanceof Error ? codeOf(thrown.cause) : undefined
  return code === undefined || text.includes(code) || thrown instanceof SquallError ? '' : ` (${code})`
}

/** The `code` of anything that was thrown: ours, or Node's ("ECONNREFUSED"). */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
