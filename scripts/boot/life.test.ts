/** Nothing outlives its starter, and Ctrl-C reaches the inner program once. Real processes, really killed. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isAlive } from './processes.mjs'
import { createScratch, type Scratch, start, startBoot, until } from './scratch.ts'

/** Deaf to SIGTERM, with a child of its own: the worst case for clean-up. */
const longRun = `
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
process.on('SIGTERM', () => console.log('asked to end'))
const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
writeFileSync('pids.json', JSON.stringify([process.pid, process.ppid, grandchild.pid]))
console.log('running')
setInterval(() => {}, 1000)
`

type Family = { readonly inner: number; readonly boot: number; readonly grandchild: number }

function readFamily(scratch: Scratch): Family {
  const [inner, boot, grandchild] = JSON.parse(readFileSync(path.join(scratch.root, 'pids.json'), 'utf8'))
  return { inner, boot, grandchild }
}

/** Kills what is left when it fails: a broken boot must not litter the machine of who repairs it. */
async function allGone(family: Family): Promise<void> {
  const living = () => Object.entries(family).filter(([, pid]) => isAlive(pid, undefined))
  try {
    await until(
      'all processes gone',
      3_000,
      () => living().length === 0,
      () => JSON.stringify(living()),
    )
  } finally {
    for (const [, pid] of living()) process.kill(pid, 'SIGKILL')
  }
}

test('kill -9 of npm ends boot, the inner program and its children within 3 s', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', longRun)
  const npm = start(scratch, 'npm', ['run', 'check'])
  await until('the inner program runs', 15_000, () => npm.output().includes('running'), npm.output)
  const family = readFamily(scratch)
  npm.child.kill('SIGKILL')
  await allGone(family)
  expect(npm.output()).toContain('asked to end')
})

test('kill -9 of npm behind a shell is noticed too', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', longRun)
  // The shell stays between npm and boot when a command follows.
  writeFileSync(
    path.join(scratch.root, 'package.json'),
    '{ "type": "module", "scripts": { "check": "node scripts/boot.mjs check; exit $?" } }',
  )
  const npm = start(scratch, 'npm', ['run', 'check'])
  await until('the inner program runs', 15_000, () => npm.output().includes('running'), npm.output)
  const family = readFamily(scratch)
  npm.child.kill('SIGKILL')
  await allGone(family)
})

test('kill -9 of boot ends the inner program and its children within 3 s', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', longRun)
  const boot = startBoot(scratch, ['check'])
  await until('the inner program runs', 15_000, () => boot.output().includes('running'), boot.output)
  const family = readFamily(scratch)
  boot.child.kill('SIGKILL')
  await allGone(family)
  expect(boot.output()).toContain('asked to end')
})

test('a repeated SIGINT reaches the inner program once, and boot waits for its exit code', async () => {
  using scratch = createScratch()
  scratch.write(
    'scripts/check.ts',
    `
let count = 0
process.on('SIGINT', () => {
  count += 1
  setTimeout(() => { console.log('interrupts: ' + count); process.exit(5) }, 200)
})
console.log('running')
setInterval(() => {}, 1000)
`,
  )
  const boot = startBoot(scratch, ['check'])
  await until('the inner program runs', 15_000, () => boot.output().includes('running'), boot.output)
  boot.child.kill('SIGINT')
  boot.child.kill('SIGINT')
  expect(await boot.ended).toBe(5)
  expect(boot.output()).toContain('interrupts: 1\n')
})

test('an inner program that is killed gives 128 + the number of the signal', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', "process.kill(process.pid, 'SIGKILL')")
  expect(await startBoot(scratch, ['check']).ended).toBe(137)
})

/** A pnpm that never ends, so that the set-up can be interrupted. */
function provideEndlessPnpm(scratch: Scratch): void {
  scratch.write('pnpm-lock.yaml', 'lockfileVersion: changed\n')
  scratch.write('.toolchain/node_modules/pnpm/package.json', '{ "version": "12.21.0", "type": "module" }')
  scratch.write('.toolchain/node_modules/pnpm/bin/pnpm.mjs', 'setInterval(() => {}, 1000)\n')
}

test('Ctrl-C during the set-up ends boot with 130 and without complaint', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', '')
  provideEndlessPnpm(scratch)
  const boot = startBoot(scratch, ['check'])
  await until('pnpm runs', 15_000, () => boot.output().includes('installing the dependencies'), boot.output)
  boot.child.kill('SIGINT')
  expect(await boot.ended).toBe(130)
  expect(boot.output()).not.toContain('Cannot')
})

test('a boot that was killed during the set-up does not keep the next one out', async () => {
  using scratch = createScratch()
  scratch.write('scripts/check.ts', 'console.log("ran")')
  provideEndlessPnpm(scratch)
  const killed = startBoot(scratch, ['check'])
  await until(
    'pnpm runs',
    15_000,
    () => killed.output().includes('installing the dependencies'),
    killed.output,
  )
  killed.child.kill('SIGKILL')
  await killed.ended
  scratch.write('.toolchain/node_modules/pnpm/bin/pnpm.mjs', '')
  const next = startBoot(scratch, ['check'])
  expect(await next.ended).toBe(0)
  expect(next.output()).toContain('ran\n')
})
