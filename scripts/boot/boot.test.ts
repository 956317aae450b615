/** Boot as its user meets it: dispatch, arguments, exit codes, and what a warm start may not do. */
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { markFile } from './dependencies.mjs'
import { createScratch, startBoot } from './scratch.ts'

test('an unknown command lists the known ones and ends with 3', async () => {
  using scratch = createScratch()
  const boot = startBoot(scratch, ['launch'])
  expect(await boot.ended).toBe(3)
  expect(boot.output()).toBe(
    'squall: Cannot start: "launch" is unknown; use one of: start, test, check, report, fault-points, squall, bench, bundle, conformance, netem, twin.\n',
  )
})

test('an unknown twin lists those that can run', async () => {
  using scratch = createScratch()
  scratch.write('mocks/comfyui/src/main.ts', '')
  scratch.write('mocks/kit/src/index.ts', '')
  const boot = startBoot(scratch, ['twin', 'comfy'])
  expect(await boot.ended).toBe(3)
  expect(boot.output()).toBe('squall: Cannot run twin: "comfy" is unknown; use one of: comfyui.\n')
})

test('a request for help that names no twin lists them, and is no failure', async () => {
  using scratch = createScratch()
  scratch.write('mocks/comfyui/src/main.ts', '')
  const boot = startBoot(scratch, ['twin', '--help'])
  expect(await boot.ended).toBe(0)
  expect(boot.output()).toMatch(/^Usage: npm run -s twin -- NAME \[options\]\n {2}NAME {5}comfyui\n/)
})

test('only programs count as benchmarks, not the parts beside them', async () => {
  using scratch = createScratch()
  scratch.write('bench/up.ts', "import { median } from './median.ts'\nconsole.log(median)\n")
  scratch.write('bench/median.ts', 'export const median = 1\n')
  const boot = startBoot(scratch, ['bench', 'median'])
  expect(await boot.ended).toBe(3)
  expect(boot.output()).toBe('squall: Cannot run bench: "median" is unknown; use one of: up.\n')
})

test('arguments, exit code and standard output are those of the inner program', async () => {
  using scratch = createScratch()
  scratch.write(
    'mocks/comfyui/src/main.ts',
    'const args: string[] = process.argv.slice(2)\nconsole.log(JSON.stringify(args))\nprocess.exit(7)\n',
  )
  const boot = startBoot(scratch, ['twin', 'comfyui', '--port', '0', 'a b'])
  expect(await boot.ended).toBe(7)
  expect(boot.output()).toBe('["--port","0","a b"]\n')
})

test('a warm start says nothing and starts neither npm nor pnpm', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', 'console.log("ran")')
  mkdirSync(path.join(scratch.root, 'empty'))
  const boot = startBoot(scratch, ['check'], { PATH: path.join(scratch.root, 'empty'), npm_execpath: '' })
  expect(await boot.ended).toBe(0)
  expect(boot.output()).toBe('ran\n')
})

test('when something must be installed and there is no npm, one line says so', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', 'console.log("ran")')
  rmSync(markFile(scratch.root))
  const boot = startBoot(scratch, ['check'], { PATH: scratch.root, npm_execpath: '' })
  expect(await boot.ended).toBe(3)
  expect(boot.output()).toContain('squall: Cannot install pnpm@')
  expect(boot.output()).toContain('there is no npm on PATH; install npm')
})

test('the dependencies are installed when the lockfile has changed, once for two boots at once', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', 'console.log("ran")')
  scratch.write('pnpm-lock.yaml', 'lockfileVersion: changed\n')
  // A pnpm that only keeps a record: what it would install is not the subject here.
  scratch.write('.toolchain/node_modules/pnpm/package.json', '{ "version": "12.21.0", "type": "module" }')
  scratch.write(
    '.toolchain/node_modules/pnpm/bin/pnpm.mjs',
    "import { appendFileSync } from 'node:fs'\nappendFileSync('calls', process.argv.slice(2).join(' '))\n",
  )
  const boots = [startBoot(scratch, ['check']), startBoot(scratch, ['check'])]
  expect(await Promise.all(boots.map((boot) => boot.ended))).toEqual([0, 0])
  const said = boots.map((boot) => boot.output()).join('')
  expect(said.match(/installing the dependencies, because the lockfile has changed/g)).toHaveLength(1)
  expect(said.match(/ran/g)).toHaveLength(2)
})

test('a failed install shows its log and one sentence', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', '')
  rmSync(markFile(scratch.root))
  scratch.write('.toolchain/node_modules/pnpm/package.json', '{ "version": "12.21.0", "type": "module" }')
  scratch.write(
    '.toolchain/node_modules/pnpm/bin/pnpm.mjs',
    "console.error('getaddrinfo ENOTFOUND somewhere')\nprocess.exit(1)\n",
  )
  const boot = startBoot(scratch, ['check'])
  expect(await boot.ended).toBe(3)
  expect(boot.output()).toContain('  | getaddrinfo ENOTFOUND somewhere\n')
  expect(boot.output()).toContain(
    'Cannot install the dependencies: the package server does not answer; connect',
  )
})

test('an unknown engine name is refused before anything runs', async () => {
  using scratch = createScratch()
  scratch.write('scripts/start.ts', 'console.log("ran")')
  const boot = startBoot(scratch, ['start'], { SQUALL_ENGINE: 'podman' })
  expect(await boot.ended).toBe(3)
  expect(boot.output()).toBe(
    'squall: Cannot use SQUALL_ENGINE=podman: it is unknown; use docker or process.\n',
  )
})
