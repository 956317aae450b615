/** `--check`: runs the eight steps against the twin's own program and says how each went. */
import { eightSteps, type Subject } from './eight-steps.ts'
import { runSteps, type StepResult } from './run-steps.ts'

/** Runs it and resolves with the exit code: 0 if all eight passed, 1 otherwise. Leaves nothing, whatever happens. */
export async function runSelfCheck(subject: Subject, json: boolean): Promise<number> {
  const { steps, abort } = eightSteps(subject)
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    process.once(signal, () => void abort().finally(() => process.exit(code)))
  }
  const startMs = performance.now()
  const results = await runSteps(steps, (result) => {
    if (!json) say(shown(result))
  })
  const count = (outcome: StepResult['outcome']): number =>
    results.filter((one) => one.outcome === outcome).length
  const [passed, failed] = [count('passed'), count('failed')]
  const ms = Math.round(performance.now() - startMs)
  if (json)
    say(
      JSON.stringify({
        twin: subject.name,
        ok: passed === results.length,
        ms,
        passed,
        failed,
        steps: results,
      }),
    )
  else say(`${passed} passed, ${failed} failed`)
  return passed === results.length ? 0 : 1
}

function shown({ step, outcome, ms, detail }: StepResult): string {
  const mark = { passed: 'ok', failed: 'FAIL', 'not run': '-' }[outcome]
  return `${mark.padEnd(4)}  ${step.padEnd(18)} ${String(ms).padStart(5)} ms  ${detail}`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
