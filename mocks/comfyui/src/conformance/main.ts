#!/usr/bin/env node
/**
 * Replays recordings by hand: `node src/conformance/main.ts [--json] [text in the name]...`. Prints one line per
 * recording, every difference and its reason, and ends with 1 if there is a difference without one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { goldenFiles } from './golden-files.ts'
import { knownDifferences } from './known-differences.ts'
import { type FileOutcome, replayFile } from './replay-file.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const wanted = goldenFiles.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
)
for (const file of wanted) {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'))
  const { all: _, ...outcome } = await replayFile(file, folder)
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(values.json ? `${JSON.stringify(outcome)}\n` : shown(outcome))
  if (outcome.unexpected.length + outcome.gone.length > 0) process.exitCode = 1
}

function shown({ name, cases, passed, known, unexpected, gone }: Omit<FileOutcome, 'all'>): string {
  const reasons = knownDifferences[name] ?? {}
  return [
    `${name}: ${cases} cases, ${passed} passed, ${known.length} known differences`,
    ...known.map((difference) => `  known: ${difference.name}\n    ${reasons[difference.name]}`),
    ...unexpected.map((difference) => `  NEW: ${difference.name}\n  ${difference.difference}`),
    ...gone.map((lost) => `  GONE: ${lost}`),
    '',
  ].join('\n')
}
