/** Which of the caller's flags go on to the twin under check: all but those that the check decides itself. */

const decided = new Set(['--check', '--json', '--port', '--data-folder'])
const takesValue = new Set(['--port', '--data-folder'])

/** The flags, and the port: the one that was asked for, or 0 for any free one. */
export function flagsForChild(
  argv: readonly string[],
  port: number,
): { readonly flags: readonly string[]; readonly port: number } {
  const nameOf = (arg: string): string => arg.split('=')[0] ?? ''
  const flags = argv.filter((arg, index) => {
    const before = argv[index - 1] ?? ''
    return !decided.has(nameOf(arg)) && !takesValue.has(before)
  })
  return { flags, port: argv.some((arg) => nameOf(arg) === '--port') ? port : 0 }
}
