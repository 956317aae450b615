/** Replays one recording against a twin of its own, and sorts the outcome into passed, known and new differences. */
import type { GoldenFile } from './golden-files.ts'
import { exchange } from './http-exchange.ts'
import { knownDifferences } from './known-differences.ts'
import { startProcessTarget } from './process-target.ts'
import { readRecording } from './recording.ts'
import { replay } from './replay.ts'
import type { ReplayCase } from './replay-state.ts'

/** What a replay showed. */
export type FileOutcome = {
  readonly name: string
  readonly cases: number
  readonly passed: number
  readonly all: readonly ReplayCase[]
  /** Differences with a reason in `known-differences.ts`. */
  readonly known: readonly ReplayCase[]
  readonly unexpected: readonly ReplayCase[]
  /** Names of known differences that are none any more. */
  readonly gone: readonly string[]
}

/** The recorded server had no models, and a stub in place of the web interface. */
const emptyLists = [
  'checkpoints',
  'loras',
  'vae',
  'text-encoders',
  'diffusion-models',
  'controlnet',
  'upscale-models',
  'embeddings',
  'extensions',
].map((folder) => `--${folder}=`)

/** Replays `file`. `folder` must be empty; it is the caller's to remove. */
export async function replayFile(file: GoldenFile, folder: string): Promise<FileOutcome> {
  await using target = await startProcessTarget(folder, [...emptyLists, ...(file.flags ?? [])])
  // Every refused prompt takes a number too.
  for (let number = 0; number < file.firstNumber; number++) {
    await exchange(target.url(), { method: 'POST', path: '/prompt', headers: {}, body: Buffer.from('{}') })
  }
  await file.prepare?.(target)
  const events = readRecording(file.name)
  const cases = await replay(events, target, file)
  const reasons = knownDifferences[file.name] ?? {}
  const differing = cases.filter(({ difference }) => difference !== undefined)
  const names = new Set(differing.map(({ name }) => name))
  return {
    name: file.name,
    cases: cases.length,
    passed: cases.length - differing.length,
    all: cases,
    known: differing.filter(({ name }) => name in reasons),
    unexpected: differing.filter(({ name }) => !(name in reasons)),
    gone: Object.keys(reasons).filter((name) => !names.has(name)),
  }
}
