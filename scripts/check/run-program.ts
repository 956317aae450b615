/** Runs one tool of `node_modules/.bin` and keeps what it wrote. */
import { spawn } from 'node:child_process'
import path from 'node:path'

export type CheckResult = { readonly ok: boolean; readonly output: string }

/**
 * @param root folder of the repository
 * @param name of the program in `node_modules/.bin`
 */
export function runProgram(root: string, name: string, args: readonly string[]): Promise<CheckResult> {
  const isWindows = process.platform === 'win32'
  const file = path.join(root, 'node_modules/.bin', isWindows ? `${name}.cmd` : name)
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: isWindows })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, output: `Cannot run ${name}: ${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}
