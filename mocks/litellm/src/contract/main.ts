#!/usr/bin/env node
/**
 * The contract by hand: `node src/contract/main.ts [--twin-only | --real-only] [--json] [--record] [text of a name]...`
 * Prints one line per case, twin and real side by side, every difference with its reason, and ends with 1 if there is
 * one without, with 2 if there is no real one to ask. `--record` writes what the real LiteLLM let the cases see into golden.json.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openRealGateway } from './real-gateway.ts'
import { type ContractResult, goldenFile, readGolden, runContract } from './run-contract.ts'
import { printSideBySide } from './side-by-side.ts'
import { openTwinGateway } from './twin-gateway.ts'

const { values, positionals: only } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    'twin-only': { type: 'boolean', default: false },
    'real-only': { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const twin = values['real-only']
  ? undefined
  : await runContract({ name: 'twin', open: openTwinGateway, only })
const real = values['twin-only'] ? undefined : await askReal()
if (values.record && real !== undefined) record(real)
const results = [twin, real].filter((result) => result !== undefined)
if (values.json)
  process.stdout.write(`${JSON.stringify(results.map(({ results: _, ...summary }) => summary))}\n`)
else printSideBySide({ twin, real }, (line) => void process.stdout.write(`${line}\n`))
if (results.some(({ failed }) => failed > 0)) process.exitCode = 1

/** Without an engine or an image the twin's side is still worth seeing; the exit code says that one side is missing. */
async function askReal(): Promise<ContractResult | undefined> {
  try {
    return await runContract({ name: 'real', open: openRealGateway, only, reasonFor: () => undefined })
  } catch (error) {
    process.stderr.write(`contract: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
    return undefined
  }
}

function record({ results: cases }: ContractResult): void {
  const seen = Object.fromEntries(cases.map((result) => [result.name, result.seen]))
  const kept = only.length === 0 ? {} : readGolden()
  writeFileSync(goldenFile, `${JSON.stringify({ ...kept, ...seen }, null, 1)}\n`)
}
