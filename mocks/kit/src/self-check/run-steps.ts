/** Runs steps in order, each within a budget. What comes after a failed step is not run, the last one always is. */
import { withBudget } from '../conformance/run-groups.ts'

/** One step. `run` says what it saw. */
export type Step = { readonly name: string; readonly run: () => Promise<string> }

/** How a step ended. */
export type StepResult = {
  readonly step: string
  readonly outcome: 'passed' | 'failed' | 'not run'
  readonly ms: number
  readonly detail: string
}

const stepBudgetMs = 20_000

/** Runs them. Never rejects. */
export async function runSteps(
  steps: readonly Step[],
  onResult: (result: StepResult) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (const [index, step] of steps.entries()) {
    const broken = results.find(({ outcome }) => outcome === 'failed')
    const isLast = index === steps.length - 1
    const result =
      broken === undefined || isLast
        ? await runStep(step)
        : ({ step: step.name, outcome: 'not run', ms: 0, detail: `because "${broken.step}" failed` } as const)
    results.push(result)
    onResult(result)
  }
  return results
}

async function runStep({ name, run }: Step): Promise<StepResult> {
  const startMs = performance.now()
  const ended = (outcome: StepResult['outcome'], detail: string): StepResult => ({
    step: name,
    outcome,
    ms: Math.round(performance.now() - startMs),
    detail,
  })
  try {
    return ended('passed', await withBudget(stepBudgetMs, run(), name))
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return ended('failed', text.replaceAll('\n', '; '))
  }
}
