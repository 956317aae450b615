/**
 * The house rules that a program can check, on the whole repository, and each rule on a bad example: a rule that
 * catches nothing is no rule. Size of files and functions, `any`, default exports and promises are oxlint's
 * (`.oxlintrc.json`).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { clock, honestTests, randomness } from './tidy/banned.ts'
import { insideTwins, packages } from './tidy/packages.ts'
import { deadLinks, findInProse, machinePaths } from './tidy/prose.ts'
import { applyRules, type Rule } from './tidy/rule.ts'
import { closedSupport, names, noModuleState, oneBarrel, openingComment } from './tidy/shape.ts'
import { parseSource, readSources } from './tidy/source.ts'
import { stages } from './tidy/stages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const rules: readonly Rule[] = [
  stages,
  packages,
  insideTwins,
  clock,
  randomness,
  honestTests,
  names,
  closedSupport,
  openingComment,
  noModuleState,
  oneBarrel,
]

describe('the repository', () => {
  const files = readSources(root)
  test.each(rules.map((rule) => [rule.name, rule] as const))('keeps the rule %s', (_name, rule) => {
    expect(applyRules([rule], files).join('\n')).toBe('')
  })

  test('has no dead links and no paths of one machine', () => {
    expect(findInProse(root).join('\n')).toBe('')
  })
})

/** What each rule must catch: rule, path of the file, its text. */
const bad: readonly (readonly [Rule, string, string])[] = [
  [stages, 'harness/src/spec/a.ts', "import { run } from '../run/run-experiment.ts'"],
  [stages, 'harness/src/verdict/a.ts', "import type { Engine } from '../environment/engine.ts'"],
  [stages, 'harness/src/history/a.ts', "import { kill } from '../faults/kill.ts'"],
  [stages, 'harness/src/support/log.ts', "export * from '../spec/budgets.ts'"],
  [stages, 'harness/src/workload/a.ts', "const { kill } = await import('../faults/kill.ts')"],
  [stages, 'harness/src/odds/a.ts', ''],
  [packages, 'client/src/a.ts', "import { Engine } from '@squall/harness'"],
  [packages, 'harness/src/run/a.ts', "import { createClient } from '@squall/client'"],
  [packages, 'harness/src/run/a.test.ts', "import { handler } from '../../../mocks/comfyui/src/main.ts'"],
  [packages, 'mocks/comfyui/src/a.ts', "import { poll } from '@squall/harness'"],
  [packages, 'mocks/kit/src/a.ts', "import { comfyui } from '@squall/twin-comfyui'"],
  [packages, 'harness/src/faults/a.ts', "import Docker from 'dockerode'"],
  [packages, 'suites/e2e/a.ts', "import { step } from 'allure-js-commons'"],
  [packages, 'harness/src/run/a.ts', "import { expect } from 'vitest'"],
  [insideTwins, 'mocks/comfyui/src/a.ts', "import { router } from '../../kit/src/router.ts'"],
  [clock, 'harness/src/run/a.ts', 'setTimeout(() => {}, 5)'],
  [clock, 'client/src/a.ts', "import { setTimeout } from 'node:timers/promises'"],
  [randomness, 'client/src/a.ts', 'const jitter = Math.random() * 5'],
  [honestTests, 'suites/e2e/a.test.ts', "test.skip('later', () => {})"],
  [honestTests, 'suites/e2e/a.test.ts', "describe.concurrent.only('now', () => {})"],
  [honestTests, 'suites/e2e/a.test.ts', "test('flaky', { retry: 2 }, () => {})"],
  [names, 'harness/src/run/test-helpers.ts', ''],
  [names, 'client/src/utils/a.ts', ''],
  [names, 'client/src/jobClient.ts', ''],
  [closedSupport, 'harness/src/support/strings.ts', ''],
  [openingComment, 'client/src/a.ts', 'export const a = 1'],
  [noModuleState, 'harness/src/run/a.ts', 'export let current = 0'],
  [oneBarrel, 'harness/src/verdict/index.ts', ''],
]

/** What looks alike and is allowed. */
const good: readonly (readonly [Rule, string, string])[] = [
  [stages, 'harness/src/history/a.ts', "import type { FaultEvent } from '../faults/fault.ts'"],
  [stages, 'harness/src/run/a.ts', "import { kill } from '../faults/kill.ts'"],
  [stages, 'harness/src/index.ts', "export * from './run/run-experiment.ts'"],
  [packages, 'harness/src/run/a.test.ts', "import { expect } from 'vitest'"],
  [packages, 'harness/src/environment/docker.ts', "import Docker from 'dockerode'"],
  [packages, 'client/src/a.ts', "import { poll } from './harness/poll.ts'"],
  [clock, 'client/src/transport/clock.ts', 'setTimeout(() => {}, 5)'],
  [clock, 'client/src/a.ts', "const text = 'setTimeout(() => {}, 5)' // setTimeout()"],
  [honestTests, 'suites/e2e/a.test.ts', "test.skipIf(process.platform === 'win32')('a', () => {})"],
  [honestTests, 'client/src/recovery/a.ts', 'export const options = { retry: 3 }'],
  [openingComment, 'client/src/main.ts', '#!/usr/bin/env node\n// Says what it is.'],
  [noModuleState, 'harness/src/run/a.ts', 'export function count() { let sum = 0; return sum }'],
]

test.each(bad)('%# a rule catches its bad example: $name in %s', (rule, file, text) => {
  expect(applyRules([rule], [parseSource(file, text)]).join('\n')).toContain(`(rule ${rule.name}, see `)
})

test.each(good)('%# a rule leaves alone what is allowed: $name in %s', (rule, file, text) => {
  expect(applyRules([rule], [parseSource(file, text)])).toEqual([])
})

test('a finding names place, rule, where it is written and what to do', () => {
  const file = parseSource('client/src/a.ts', '// A file.\nconst jitter = Math.random()')
  expect(applyRules([randomness], [file])).toEqual([
    'client/src/a.ts:2 Math.random() is not used here; take a seeded generator as a parameter, ' +
      'so that the run can be repeated (rule randomness, see CONTRIBUTING.md, House rules)',
  ])
})

test('dead links and paths of one machine are found', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-tidy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const text = 'See [this](docs/none.md#part),\n[that](https://example.org) and `/home/someone/squall/x`.'
  expect(deadLinks(folder, 'README.md', text)).toEqual([
    'README.md:1 the link to docs/none.md leads nowhere; correct or remove it',
  ])
  expect(machinePaths('README.md', text)).toEqual([
    'README.md:2 /home/someone/squall is a path of one machine; write it relative to the repository',
  ])
})
