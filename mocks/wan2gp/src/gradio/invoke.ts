/**
 * Calls one handler the way Gradio does: checks the number of values first, then hands out the rows that it
 * yields. A plain function is one row without a yield.
 */
import type { Dependency } from './dependency.ts'
import type { FunctionCall, Outputs } from './function.ts'
import { PythonError } from './gradio-error.ts'

/** What a handler did next: a yield (more may come) or the end, with the values that go into the completion. */
export type Turn = { readonly kind: 'yield' | 'end'; readonly values: Outputs }

/**
 * Run the handler turn by turn. The end of a generator carries its last yield again, or `null`s if it never
 * yielded (Gradio 5.29, `handle_streaming_diffs`). Throws what the handler throws, and a PythonError (hidden
 * from the client, as `ValueError` is) on too few values.
 */
export async function* invoke(dependency: Dependency, call: FunctionCall): AsyncGenerator<Turn, void, void> {
  const { fn, inputs, outputs } = dependency
  if (call.values.length < inputs.length) {
    throw new PythonError(
      `An event handler (${fn.name}) didn't receive enough input values (needed: ${inputs.length}, got: ${call.values.length}).`,
    )
  }
  if (fn.kind === 'plain') {
    yield { kind: 'end', values: await fn.run(call) }
    return
  }
  let last: Outputs = outputs.map(() => null)
  for await (const values of fn.run(call)) {
    last = values
    yield { kind: 'yield', values }
  }
  yield { kind: 'end', values: last }
}
