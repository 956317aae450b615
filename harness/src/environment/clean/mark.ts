/** Whose a thing of the kernel is: the mark `squall-<run>` in an alias, a comment or a name. */
export function markIn(text: string): { readonly run?: string } {
  const run = /squall-([a-z0-9][a-z0-9-]*)/.exec(text)?.[1]
  return run === undefined ? {} : { run }
}
