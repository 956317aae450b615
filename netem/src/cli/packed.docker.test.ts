/** The package as `npx @squall/netem` gets it: packed, unpacked beside its dependencies, run by plain node. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { describe, expect, onTestFinished, test } from 'vitest'
import { agentImage } from '../container/agent-image.ts'
import { whyNotShape } from '../testing/can-shape.ts'

const run = promisify(execFile)
const netem = fileURLToPath(new URL('../..', import.meta.url))
const docker = new Docker()
const why = whyNotShape()

/** Folder of the unpacked package. What it depends on is linked, so that no registry is asked. */
async function install(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'squall-netem-pack-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const PATH = [path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter)
  await run('npm', ['pack', '--pack-destination', folder], { cwd: netem, env: { ...process.env, PATH } })
  const [tarball = ''] = readdirSync(folder)
  await run('tar', ['-xzf', tarball], { cwd: folder })
  mkdirSync(path.join(folder, 'package/node_modules'))
  for (const name of ['dockerode', 'koffi', 'tar-stream'])
    symlinkSync(path.join(netem, 'node_modules', name), path.join(folder, 'package/node_modules', name))
  return path.join(folder, 'package')
}

describe.skipIf(why !== undefined)(`packed netem${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  test('brings its agent along and impairs a container', { timeout: 120_000 }, async () => {
    const folder = await install()
    expect(readdirSync(path.join(folder, 'dist')).toSorted()).toEqual([
      'LICENSES.txt',
      'agent.mjs',
      'netem.mjs',
    ])
    const image = await agentImage(docker, { onProgress: () => undefined })
    const images = async () => (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? [])
    const before = await images()
    onTestFinished(async () => {
      const made = (await images()).filter((tag) => tag.startsWith('squall-netem:') && !before.includes(tag))
      await Promise.all(made.map((tag) => docker.getImage(tag).remove()))
    })
    const name = `squall-netem-packed-${process.pid}`
    const target = await docker.createContainer({
      name,
      Image: image,
      Entrypoint: ['node', '-e', "require('node:net').createServer().listen(80)"],
    })
    onTestFinished(async () => {
      await target.remove({ force: true })
    })
    await target.start()
    const program = path.join(folder, 'dist/netem.mjs')
    const args = [program, '--container', name, 'delay 10ms', '--for', '300ms', '--json']
    // Nothing may have passed in so short a time (exit code 2); that it was in force is what counts here.
    const { stdout } = await run(process.execPath, args).catch((error: { stdout: string }) => error)
    expect(stdout.split('\n')[0]).toMatch(/"event":"applied"/)
    expect(stdout.split('\n')[1]).toMatch(/"event":"ended","reason":"time is up"/)
  })
})
