/**
 * The data folder of a container as a disk of its own: a volume of a fixed size in memory (tmpfs), and a keeper beside
 * the unit, a container that holds the volume. The keeper fills it and empties it from outside, whatever image the
 * unit is of and whatever state it is in; and because it holds the volume, what is on it outlives a kill and restart
 * of the unit. Both carry the labels of the run.
 */
import { Writable } from 'node:stream'
import { getSystemErrorName } from 'node:util'
import type Dockerode from 'dockerode'
import { withDeadline } from '../support/deadline.ts'
import type { DataDisk } from './abilities.ts'
import { statusOf } from './docker-client.ts'
import { EngineError } from './engine-error.ts'
import { ryukLabel } from './labels.ts'
import { ballastName, setWritable } from './reaper/undo/side-programs.ts'
import { containerDataFolder } from './unit-container.ts'

export type DataVolumeOptions = {
  readonly docker: Dockerode
  /** Name of the unit's container; those of the volume and the keeper begin with it. */
  readonly containerName: string
  readonly labels: Readonly<Record<string, string>>
  /** Name of the unit. */
  readonly unit: string
  /** An image that has node; with what system calls need, the disk can be made read-only. */
  readonly image: string
  readonly sizeBytes: number
}

export type DataVolume = AsyncDisposable & { readonly name: string; readonly disk: DataDisk }

/** Writing a gigabyte of memory takes about a second. */
const answerMsMax = 20_000

/** Answers each word on its input with a number (free bytes afterwards, mostly), or with what went wrong. */
const keeperSource = `
const fs = require('node:fs')
const ballast = '${containerDataFolder}/${ballastName}'
const fill = () => {
  const file = fs.openSync(ballast, 'a')
  const block = Buffer.alloc(1 << 18)
  try { for (;;) fs.writeSync(file, block) }
  catch (error) { if (error.code !== 'ENOSPC') throw error }
  finally { fs.closeSync(file) }
}
const setWritable = (how) => {
  process.argv.splice(1, 2, '${containerDataFolder}', how)
  ${setWritable}
}
const does = {
  free: () => undefined,
  fill,
  clear: () => fs.rmSync(ballast, { force: true }),
  seal: () => setWritable('ro'),
  unseal: () => setWritable('rw'),
  // 0, or the number of the error.
  trial: () => {
    try { fs.writeFileSync(ballast + '-trial', 'x') } catch (error) { return -error.errno }
    fs.rmSync(ballast + '-trial')
    return 0
  },
}
require('node:readline').createInterface({ input: process.stdin }).on('line', (word) => {
  try {
    const result = does[word]()
    const { bavail, bsize } = fs.statfsSync('${containerDataFolder}')
    console.log(result ?? bavail * bsize)
  } catch (error) { console.log(String(error).split('\\n')[0]) }
})
`

/** @param options The reaper must guard the run already. */
export async function openDataVolume(options: DataVolumeOptions): Promise<DataVolume> {
  const { docker, labels: Labels, sizeBytes } = options
  const name = volumeOf(options.containerName)
  await using undo = new AsyncDisposableStack()
  await docker.createVolume({
    Name: name,
    Driver: 'local',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=${sizeBytes},mode=1777` },
    Labels,
  })
  undo.defer(() => gone(() => docker.getVolume(name).remove()))
  const keeper = await docker.createContainer({
    name: keeperOf(options.containerName),
    Image: options.image,
    Entrypoint: ['node', '-e', keeperSource],
    Cmd: [],
    // The image may be the reaper's, whose label would spare the keeper from the reaper.
    Labels: { ...Labels, [ryukLabel]: 'false' },
    Env: ['NODE_NO_WARNINGS=1'],
    OpenStdin: true,
    // To change how the disk is mounted; the keeper sees no other one.
    HostConfig: { NetworkMode: 'none', Binds: [bindOf(name)], CapAdd: ['SYS_ADMIN'] },
  })
  undo.defer(() => gone(() => keeper.remove({ force: true })))
  const ask = await openTalk(keeper)
  await keeper.start()
  const kept = undo.move()
  return {
    name,
    disk: diskOf(options.unit, sizeBytes, ask),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** The volume of a container that was started with one; disposing it lets go. */
export async function adoptDataVolume(
  docker: Dockerode,
  unit: string,
  containerName: string,
): Promise<DataVolume | undefined> {
  const name = volumeOf(containerName)
  const seen = await docker
    .getVolume(name)
    .inspect()
    .catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error
    })
  if (!seen) return undefined
  const ask = await openTalk(docker.getContainer(keeperOf(containerName)))
  const sizeBytes = Number(/size=(\d+)/.exec(seen.Options?.['o'] ?? '')?.[1] ?? 0)
  return { name, disk: diskOf(unit, sizeBytes, ask), [Symbol.asyncDispose]: () => Promise.resolve() }
}

function volumeOf(containerName: string): string {
  return `${containerName}-data`
}

function keeperOf(containerName: string): string {
  return `${containerName}-keeper`
}

function diskOf(unit: string, sizeBytes: number, ask: Ask): DataDisk {
  return {
    sizeBytes,
    freeBytes: () => ask('free'),
    fill: () => ask('fill').then(() => undefined),
    clear: () => ask('clear').then(() => undefined),
    seal: () => ask('seal').then(() => undefined),
    unseal: () => ask('unseal').then(() => undefined),
    writeFailure: async () => {
      const number = await ask('trial')
      return number === 0 ? undefined : getSystemErrorName(-number)
    },
    undo: { kind: 'free-disk', unit, folder: containerDataFolder },
  }
}

/** For the host's configuration. Nothing of the image is copied into it: a copy would be lost on the way. */
export function bindOf(volume: string): string {
  return `${volume}:${containerDataFolder}:nocopy`
}

type Ask = (word: string) => Promise<number>

/** The result sends the keeper a word, once it runs, and resolves with its number. */
async function openTalk(keeper: Dockerode.Container): Promise<Ask> {
  const stream = await keeper.attach({
    ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
  })
  const waiting: ((line: string) => void)[] = []
  let rest = ''
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) waiting.shift()?.(line)
      done()
    },
  })
  keeper.modem.demuxStream(stream, output, output)
  stream.on('error', () => undefined)
  return (word) =>
    withDeadline(answerMsMax, `${word} the data disk`, async () => {
      const answer = new Promise<string>((resolve) => waiting.push(resolve))
      stream.write(`${word}\n`)
      const line = await answer
      if (/^\d+$/.test(line)) return Number(line)
      throw new EngineError('unit-failed', `Cannot ${word} the data disk: ${line}; look at the engine's log`)
    })
}

/** Removed already is fine. */
async function gone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove()
  } catch (error) {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
  }
}
