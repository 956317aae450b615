/** A packed twin is one package without dependencies: installed offline into an empty folder, it runs. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)
const mocks = fileURLToPath(new URL('../mocks', import.meta.url))
const twins = readdirSync(mocks).filter((name) => existsSync(path.join(mocks, name, 'src/main.ts')))

/** npm of the machine, this Node, and no registry to ask. */
const env = {
  ...process.env,
  PATH: [path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter),
  npm_config_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
}

const folder = mkdtempSync(path.join(tmpdir(), 'squall-pack-'))
const files = new Map<string, readonly string[]>()

/** Packs every twin as its owner would, and installs all of them as a user would. */
beforeAll(async () => {
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }')
  const tarballs: string[] = []
  for (const name of twins) {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: path.join(mocks, name),
      env,
    })
    // What prepack says may stand before it.
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [Packed]
    tarballs.push(path.join(folder, packed.filename))
    files.set(
      name,
      packed.files.map((file) => file.path),
    )
  }
  await run('npm', ['install', ...tarballs], { cwd: folder, env })
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Packed = { readonly filename: string; readonly files: readonly { readonly path: string }[] }

test('nothing else is installed with them', () => {
  const installed = readdirSync(path.join(folder, 'node_modules')).filter((entry) => !entry.startsWith('.'))
  expect(installed).toEqual(['@squall'])
  expect(readdirSync(path.join(folder, 'node_modules/@squall'))).toEqual(twins.map((name) => `twin-${name}`))
})

test.each(twins)(
  '%s is a bundle with its licences, and passes its own check',
  { timeout: 60_000 },
  async (name) => {
    const expected = ['README.md', 'dist/LICENSES.txt', `dist/twin-${name}.mjs`, 'package.json']
    expect(files.get(name)?.toSorted()).toEqual(expected)
    const { stdout } = await run('npx', ['--no-install', `twin-${name}`, '--check'], { cwd: folder, env })
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('8 passed, 0 failed')
  },
)

test('with plain node: it listens, answers, and keeps its files where it is told', {
  timeout: 60_000,
}, async () => {
  const program = path.join(folder, 'node_modules/.bin/twin-comfyui')
  const child = spawn(process.execPath, [program, '--port', '0', '--data-folder', 'data'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { ready, url } = JSON.parse(line) as { ready: boolean; url: string }
  expect({ ready, status: (await fetch(`${url}/system_stats`)).status }).toEqual({ ready: true, status: 200 })
  expect(readdirSync(path.join(folder, 'data'))).toContain('output')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('the licences of what is inside go along', () => {
  const text = readFileSync(path.join(folder, 'node_modules/@squall/twin-wan2gp/dist/LICENSES.txt'), 'utf8')
  for (const name of ['Squall', 'busboy', 'citty', 'h264-mp4-encoder'])
    expect(text).toMatch(new RegExp(`^${name}\\b`, 'm'))
})
