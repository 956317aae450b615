/** The workflow lint finds what it is there for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lintWorkflows, unpinnedActions } from './workflows.ts'

test('an action by tag, and a commit without its version, are unpinned', () => {
  const commit = 'a'.repeat(40)
  const text = [
    '- uses: actions/checkout@v5',
    `- uses: actions/checkout@${commit}`,
    `- uses: actions/checkout@${commit} # v5.0.0`,
    '- uses: ./.github/actions/setup',
  ].join('\n')
  expect(unpinnedActions(text).map((found) => found.line)).toEqual([1, 2])
})

test('a workflow with an expression that cannot be is reported with its place', async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'squall-check-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  await mkdir(path.join(root, '.github/workflows'), { recursive: true })
  const text =
    'on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.no }}\n'
  await writeFile(path.join(root, '.github/workflows/ci.yml'), text)
  const { ok, output } = await lintWorkflows(root)
  expect(ok).toBe(false)
  expect(output).toMatch(/^\.github\/workflows\/ci\.yml:6:\d+ property "no" is not defined/)
})
