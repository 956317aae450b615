/** Where the twin knowingly differs from the real LiteLLM, each with its reason. The README repeats them for people. */
import type { Difference } from './compare.ts'

type Known = {
  /** Text in the name of the case; default: any case. */
  readonly name?: RegExp
  readonly path: RegExp
  readonly reason: string
}

const known: readonly Known[] = []

/** The reason why this difference is accepted, if there is one. */
export function reasonFor(name: string, { path }: Difference): string | undefined {
  return known.find((one) => one.path.test(path) && (one.name?.test(name) ?? true))?.reason
}
