/**
 * How boot speaks: single lines on standard error, so that the standard output of `squall ... --json` stays
 * what the inner program wrote.
 */

/** One line: what is done and why. @param {string} line */
export function say(line) {
  process.stderr.write(`squall: ${line}\n`)
}

/** Trouble that the user can act on. Boot prints the message without a stack and ends with code 3. */
export class BootError extends Error {
  /**
   * @param {string} code stable name of the kind of trouble
   * @param {string} message "Cannot <verb> <thing>: <state>; <what to do>."
   * @param {string} [log] output of the failed program, printed above the message
   */
  constructor(code, message, log) {
    super(message)
    this.name = 'BootError'
    this.code = code
    this.log = log
  }
}

/**
 * The last lines of a log, indented, without the empty ones.
 * @param {string} text
 * @param {number} [linesMax] default 20
 */
export function tail(text, linesMax = 20) {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines
    .slice(-linesMax)
    .map((line) => `  | ${line}`)
    .join('\n')
}
