/**
 * A throw-away repository for the tests of boot: the real boot files, a mark that says "installed", and inner
 * scripts written by the test. Nothing is stubbed; boot runs as its own process.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep } from './clock.mjs'
import { dependencyHash, markFile } from './dependencies.mjs'

const scripts = fileURLToPath(new URL('..', import.meta.url))

export type Scratch = Disposable & { readonly root: string; write(file: string, text: string): void }

/** A folder that boot takes for an installed repository. */
export function createScratch(): Scratch {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'squall-boot-')))
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), text)
  }
  cpSync(path.join(scripts, 'boot.mjs'), path.join(root, 'scripts/boot.mjs'), { recursive: true })
  cpSync(path.join(scripts, 'boot'), path.join(root, 'scripts/boot'), { recursive: true })
  cpSync(path.join(scripts, 'die-with-parent.ts'), path.join(root, 'scripts/die-with-parent.ts'))
  write(
    'package.json',
    '{ "type": "module", "private": true, "scripts": { "check": "node scripts/boot.mjs check" } }',
  )
  write('pnpm-lock.yaml', 'lockfileVersion: test\n')
  write('node_modules/.keep', '')
  writeFileSync(markFile(root), dependencyHash(root))
  return { root, write, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

export type Started = {
  readonly child: ChildProcess
  readonly ended: Promise<number | NodeJS.Signals>
  readonly output: () => string
}

/** Starts a program in the scratch folder. The environment is the test's own without what npm put there. */
export function start(
  scratch: Scratch,
  file: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Started {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|SQUALL_|NODE_OPTIONS|VITEST)/.test(name),
  )
  const child = spawn(file, args, {
    cwd: scratch.root,
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'))
  })
  return { child, ended, output: () => output }
}

/** Starts boot with the Node that runs the tests (>= 24, so that no toolchain is needed). */
export function startBoot(
  scratch: Scratch,
  args: readonly string[],
  environment?: Record<string, string>,
): Started {
  return start(scratch, process.execPath, ['scripts/boot.mjs', ...args], environment)
}

/** Waits for a condition; names it and what was last seen when the budget is used up. */
export async function until(
  what: string,
  budgetMs: number,
  holds: () => boolean,
  seen: () => string,
): Promise<void> {
  const since = performance.now()
  while (!holds()) {
    if (performance.now() - since > budgetMs)
      throw new Error(`not within ${budgetMs} ms: ${what}; last: ${seen()}`)
    await sleep(20)
  }
}
