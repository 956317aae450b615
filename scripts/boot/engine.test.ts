/** The search for an engine, against sockets and daemons that are small but real. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createFamily } from './child.mjs'
import type { Machine } from './dockerd.mjs'
import { ensureEngine } from './engine.mjs'
import { isAlive } from './processes.mjs'
import { createScratch, type Scratch } from './scratch.ts'

const family = createFamily()
const daemons: number[] = []
afterEach(() => {
  for (const pid of daemons.splice(0)) process.kill(pid, 'SIGKILL')
})

function machineIn(scratch: Scratch, changes: Partial<Machine> = {}): Machine {
  const socket = path.join(scratch.root, 'docker.sock')
  return {
    isRoot: true,
    hasApt: false,
    hasSystemd: false,
    sockets: [socket],
    socket,
    pidFiles: [[path.join(scratch.root, 'docker.pid'), 'dockerd']],
    // Nothing of the real machine: a real dockerd must not be found.
    searchPath: [path.join(scratch.root, 'bin')],
    ...changes,
  }
}

/** A program named dockerd on the machine's path. */
function provideDockerd(scratch: Scratch, body: string): void {
  scratch.write('bin/dockerd', `#!${process.execPath}\n${body}`)
  chmodSync(path.join(scratch.root, 'bin/dockerd'), 0o755)
}

/** Writes its process id, answers on the socket, and refuses to start beside a pid file, as dockerd does. */
function answeringDaemon(scratch: Scratch): string {
  return `import fs from 'node:fs'
import http from 'node:http'
if (fs.existsSync('${scratch.root}/docker.pid')) throw new Error('pid file found')
fs.writeFileSync('${scratch.root}/daemon', String(process.pid))
http.createServer((request, response) => response.end('OK')).listen('${scratch.root}/docker.sock')
`
}

test('an engine that answers is taken, and named when it is not at the default place', async () => {
  using scratch = createScratch()
  const machine = machineIn(scratch)
  const server = http.createServer((request, response) =>
    response.writeHead(request.url === '/_ping' ? 200 : 404).end(),
  )
  await new Promise<void>((resolve) => server.listen(machine.socket, resolve))
  expect(await ensureEngine({ root: scratch.root, family }, machine, {})).toEqual({
    DOCKER_HOST: `unix://${machine.socket}`,
  })
  server.close()
})

test('SQUALL_ENGINE=process asks nobody', async () => {
  using scratch = createScratch()
  provideDockerd(scratch, '')
  expect(
    await ensureEngine({ root: scratch.root, family }, machineIn(scratch), { SQUALL_ENGINE: 'process' }),
  ).toEqual({})
})

test('an installed daemon is started, survives, and a stale pid file does not hinder it', async () => {
  using scratch = createScratch()
  const machine = machineIn(scratch)
  writeFileSync(path.join(scratch.root, 'docker.pid'), String(process.pid))
  provideDockerd(scratch, answeringDaemon(scratch))
  const variables = await ensureEngine({ root: scratch.root, family }, machine, {})
  const pid = Number(readFileSync(path.join(scratch.root, 'daemon'), 'utf8'))
  daemons.push(pid)
  expect(variables).toEqual({})
  expect(isAlive(pid, undefined)).toBe(true)
})

test('on Debian Docker is installed first, with fresh package lists where the old ones fail', async () => {
  using scratch = createScratch()
  const machine = machineIn(scratch, { hasApt: true })
  // An apt-get that knows docker.io only after an update, and installs a small daemon.
  scratch.write('daemon.mjs', answeringDaemon(scratch))
  scratch.write(
    'bin/apt-get',
    `#!/bin/sh
echo "$*" >> ${scratch.root}/calls
case "$*" in *update*) : > ${scratch.root}/lists; exit 0;; esac
[ -e ${scratch.root}/lists ] || { echo 'E: Unable to locate package docker.io'; exit 100; }
printf '#!/bin/sh\\nexec ${process.execPath} ${scratch.root}/daemon.mjs\\n' > ${scratch.root}/bin/dockerd
/bin/chmod +x ${scratch.root}/bin/dockerd
`,
  )
  chmodSync(path.join(scratch.root, 'bin/apt-get'), 0o755)
  expect(await ensureEngine({ root: scratch.root, family }, machine, {})).toEqual({})
  daemons.push(Number(readFileSync(path.join(scratch.root, 'daemon'), 'utf8')))
  const calls = readFileSync(path.join(scratch.root, 'calls'), 'utf8').trim().split('\n')
  expect(calls.map((call) => /\b(install|update)\b/.exec(call)?.[1])).toEqual([
    'install',
    'update',
    'install',
  ])
  expect(calls[2]).toContain('--no-install-recommends docker.io iptables ca-certificates')
})

test('a daemon that dies leaves the process engine and its reason', async () => {
  using scratch = createScratch()
  provideDockerd(scratch, "console.error('iptables not found'); process.exit(1)")
  expect(await ensureEngine({ root: scratch.root, family }, machineIn(scratch), {})).toEqual({
    SQUALL_ENGINE: 'process',
    SQUALL_ENGINE_REASON: 'we cannot start the Docker daemon: dockerd ended with 1',
  })
})

test('SQUALL_ENGINE=docker without any is an error that says what to do', async () => {
  using scratch = createScratch()
  const machine = machineIn(scratch, { isRoot: false })
  await expect(
    ensureEngine({ root: scratch.root, family }, machine, { SQUALL_ENGINE: 'docker' }),
  ).rejects.toThrow(/^Cannot use Docker: no Docker socket was found; install and start Docker/)
})

test('a DOCKER_HOST that does not answer is not replaced by a daemon of ours', async () => {
  using scratch = createScratch()
  provideDockerd(scratch, '')
  const environment = { DOCKER_HOST: `unix://${scratch.root}/other.sock` }
  expect(await ensureEngine({ root: scratch.root, family }, machineIn(scratch), environment)).toEqual({
    SQUALL_ENGINE: 'process',
    SQUALL_ENGINE_REASON: `DOCKER_HOST (unix://${scratch.root}/other.sock) has nobody listening`,
  })
})
