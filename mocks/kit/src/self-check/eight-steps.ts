/**
 * The eight steps that prove a twin whole: start, HTTP, WebSocket (or what the protocol has instead), status message,
 * stop, restart, reconnection, clean-up. The twin runs as its own program, as a user starts it.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTwinProcess, type TwinProcess } from '../twin-process.ts'
import type { Step } from './run-steps.ts'
import type { Link, Preparation, SelfCheck } from './self-check.ts'

/** What is checked. */
export type Subject = {
  readonly name: string
  readonly main: string
  readonly port: number
  readonly flags: readonly string[]
  readonly check: SelfCheck
}

/** What the steps leave for each other. */
type Scene = {
  folder?: string
  preparation?: Preparation
  twin?: TwinProcess
  link?: Link
  afterRestart?: (url: string) => Promise<string>
  pids: number[]
}

/** The steps, and an end for whoever must stop in the middle of them. */
export function eightSteps(subject: Subject): {
  readonly steps: readonly Step[]
  readonly abort: () => Promise<void>
} {
  const scene: Scene = { pids: [] }
  const { check } = subject
  const steps = [
    { name: 'start', run: () => start(subject, scene) },
    { name: 'HTTP', run: () => speak(scene, check) },
    { name: check.link, run: () => openLink(scene, check) },
    { name: 'status message', run: () => statusOf(scene) },
    { name: 'stop', run: () => stop(scene) },
    { name: 'restart', run: () => restart(scene) },
    { name: 'reconnection', run: () => reconnect(scene, check) },
    { name: 'clean-up', run: () => cleanUp(scene) },
  ]
  return { steps, abort: () => removeAll(scene) }
}

async function start(subject: Subject, scene: Scene): Promise<string> {
  scene.folder = await mkdtemp(join(tmpdir(), `squall-check-${subject.name}-`))
  const { main, port } = subject
  scene.preparation = await subject.check.prepare()
  const flags = [...scene.preparation.flags, ...subject.flags]
  const { env } = scene.preparation
  scene.twin = await startTwinProcess({ main, port, flags, env, dataFolder: scene.folder })
  notePid(scene)
  return `ready at ${scene.twin.url()}, process ${scene.twin.pid()}`
}

async function speak(scene: Scene, check: SelfCheck): Promise<string> {
  const url = urlOf(scene)
  const said = await check.http(url)
  scene.afterRestart = await check.leave(url)
  return said
}

async function openLink(scene: Scene, check: SelfCheck): Promise<string> {
  scene.link = await check.connect(urlOf(scene))
  return 'open'
}

async function statusOf(scene: Scene): Promise<string> {
  if (scene.link === undefined) throw new Error('there is no connection')
  return scene.link.statusMessage()
}

async function stop(scene: Scene): Promise<string> {
  const twin = twinOf(scene)
  const { code, signal } = await twin.end('SIGTERM')
  if (code !== 0) throw new Error(`SIGTERM ended it with ${signal ?? code}, not with exit code 0`)
  await expectRefused(twin.port())
  const end = await scene.link?.ended
  return `exit code 0, port ${twin.port()} refuses, connection: ${end}`
}

async function restart(scene: Scene): Promise<string> {
  const twin = twinOf(scene)
  await twin.startAgain()
  notePid(scene)
  const seen = await scene.afterRestart?.(twin.url())
  return `same port ${twin.port()}; ${seen}`
}

async function reconnect(scene: Scene, check: SelfCheck): Promise<string> {
  scene.link = await check.connect(urlOf(scene))
  return scene.link.statusMessage()
}

async function cleanUp(scene: Scene): Promise<string> {
  await removeAll(scene)
  const left = scene.pids.filter(isAlive)
  if (left.length > 0) throw new Error(`process ${left.join(', ')} is still there`)
  if (scene.folder !== undefined && existsSync(scene.folder))
    throw new Error(`${scene.folder} is still there`)
  if (scene.twin === undefined) return 'nothing was started'
  await expectFree(scene.twin.port())
  return `processes ${scene.pids.join(', ')}, port ${scene.twin.port()} and folder are gone`
}

async function removeAll(scene: Scene): Promise<void> {
  scene.link?.[Symbol.dispose]()
  await scene.twin?.[Symbol.asyncDispose]()
  await scene.preparation?.[Symbol.asyncDispose]()
  if (scene.folder !== undefined) await rm(scene.folder, { recursive: true, force: true })
}

function twinOf({ twin }: Scene): TwinProcess {
  if (twin === undefined) throw new Error('no twin was started')
  return twin
}

function urlOf(scene: Scene): string {
  return twinOf(scene).url()
}

function notePid({ twin, pids }: Scene): void {
  const pid = twin?.pid()
  if (pid !== undefined) pids.push(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Nobody may answer there any more. */
function expectRefused(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect(port, '127.0.0.1')
  socket.on('connect', () => {
    socket.destroy()
    reject(new Error(`port ${port} still answers`))
  })
  socket.on('error', () => resolve())
  return promise
}

/** Anybody may listen there again. */
function expectFree(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer()
  server.on('error', ({ message }) => reject(new Error(`port ${port} is not free: ${message}`)))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve()))
  return promise
}
