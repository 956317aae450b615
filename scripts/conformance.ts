/**
 * `npm run conformance`: does a server keep the contract of its service? Without `--url` our own twins are asked,
 * each freshly started; with it whatever runs there, a real ComfyUI too. Prints case by case what differs.
 */
import type { CaseResult, Contract } from '@squall/twin-kit/conformance/case'
import { contracts } from './conformance/contracts.ts'
import { CannotSay, contractFor } from './conformance/recognise.ts'
import { runOnServer, runOnTwin, type ServiceOutcome } from './conformance/run-service.ts'
import { shownCase, shownList, shownService, shownTotal } from './conformance/show.ts'
import { BadWish, readWish, usage, type Wish } from './conformance/wish.ts'
import { withoutKeys } from './conformance/without-keys.ts'
import { dieWithParent } from './die-with-parent.ts'

async function main(args: readonly string[]): Promise<number> {
  const wish = readWish(
    args,
    contracts.map(({ service }) => service),
  )
  if (wish.help) return say(usage)
  const isChosen = (name: string): boolean => wish.part === undefined || name.includes(wish.part)
  const wanted = contracts.filter(({ service }) => wish.service === undefined || wish.service === service)
  if (!wanted.some(({ names }) => names.some(({ name }) => isChosen(name)))) {
    throw new BadWish(`Cannot run conformance: no case is called like "${wish.part}"; see --list`)
  }
  if (wish.list) return say(shownList(wanted, isChosen))
  const startMs = performance.now()
  const outcomes = await runWanted(wish, wanted, isChosen)
  const ran = outcomes.some(({ cases, skipped }) => cases > skipped)
  const failed = outcomes.some((outcome) => outcome.failed > 0)
  const exitCode = failed ? 1 : ran ? 0 : 2
  const ms = Math.round(performance.now() - startMs)
  say(wish.json ? JSON.stringify({ ok: exitCode === 0, ms, services: outcomes }) : shownTotal(outcomes, ms))
  return exitCode
}

async function runWanted(
  wish: Wish,
  wanted: readonly Contract[],
  isChosen: (name: string) => boolean,
): Promise<ServiceOutcome[]> {
  const { url } = wish
  const given = url === undefined ? undefined : await contractFor(url, wish.service, contracts)
  // Side by side: a contract mostly waits for its own twin, and every line says whose it is.
  return await Promise.all(
    (given === undefined ? wanted : [given]).map((contract) => runOne(wish, contract, isChosen)),
  )
}

async function runOne(
  wish: Wish,
  contract: Contract,
  isChosen: (name: string) => boolean,
): Promise<ServiceOutcome> {
  const onResult = (result: CaseResult): void => {
    const lines = shownCase(contract.service, result)
    if (!wish.json && lines !== undefined) say(lines)
  }
  const options = { isChosen, onResult }
  const outcome =
    wish.url === undefined
      ? await runOnTwin(contract, options)
      : await runOnServer(contract, wish.url, { ...options, mayHarm: wish.mayHarm })
  if (!wish.json) say(shownService(outcome))
  return outcome
}

/** A server may repeat the key it was given in a complaint. */
function say(text: string): number {
  process.stdout.write(`${withoutKeys(text, process.env)}\n`)
  return 0
}

dieWithParent()
// An exit ends the twins too; a bare signal would not.
for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)
  process.once(signal, () => process.exit(code))
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof BadWish || error instanceof CannotSay)) throw error
  process.stderr.write(`conformance: ${error.message}\n`)
  process.exitCode = error instanceof BadWish ? 3 : 2
}
