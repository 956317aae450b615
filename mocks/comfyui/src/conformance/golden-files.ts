/** The recordings and what each needs to be replayed. */
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderImage } from '@squall/twin-kit'
import { playHistoryNote } from './history-notes.ts'
import { placeCheckpoint, playModelNote } from './model-notes.ts'
import { readRecording } from './recording.ts'
import type { ReplayOptions } from './replay-state.ts'
import type { ReplayTarget } from './replay-target.ts'
import { playSlowReaderNote } from './slow-reader-notes.ts'

/** One recording under replay. */
export type GoldenFile = ReplayOptions & {
  readonly name: string
  /** Value of the server's prompt counter when the recording began. */
  readonly firstNumber: number
  /** Flags beyond the usual ones. */
  readonly flags?: readonly string[]
  /** What other recordings had left behind. */
  readonly prepare?: (target: ReplayTarget) => Promise<void>
}

/** Golden 10 looks at a picture of an earlier recording: same length, same time. */
async function leaveGoldenFile({ dataFolder }: ReplayTarget): Promise<void> {
  const path = join(dataFolder, 'output', 'golden_00001_.png')
  const picture = renderImage({ prompt: 'golden', seed: 1, width: 8, height: 8 })
  await writeFile(path, Buffer.concat([picture], 530))
  const time = new Date('2026-11-20T15:22:58Z')
  await utimes(path, time, time)
}

/** Golden 12 lists the outputs of earlier recordings, newest first. */
async function leaveOutputs({ dataFolder }: ReplayTarget): Promise<void> {
  const listed = readRecording('12-http-surface').find(
    (event) => event.k === 'http_res' && event.path === '/internal/files/output',
  )
  const names = listed?.k === 'http_res' ? (listed.json as string[]) : []
  for (const [age, name] of names.entries()) {
    const path = join(dataFolder, 'output', name.replace(' [output]', ''))
    await writeFile(path, '')
    const time = new Date(Date.parse('2026-11-20T15:00:00Z') - age * 1000)
    await utimes(path, time, time)
  }
}

/** In the order of their numbers. 18 and 20 hold notes only and have tests of their own. */
export const goldenFiles: readonly GoldenFile[] = [
  { name: '01-ws-connect-and-feature-flags', firstNumber: 0 },
  { name: '02-prompt-success', firstNumber: 0 },
  { name: '03-binary-previews', firstNumber: 7 },
  { name: '04-targeting-and-no-client-id', firstNumber: 10 },
  // Two prompts without a client id followed each other so fast that the second sometimes met the first.
  { name: '05-prompt-validation-errors', firstNumber: 16, ignoreStatus: true },
  { name: '06-execution-errors', firstNumber: 61 },
  { name: '08-queue', firstNumber: 84 },
  { name: '10-upload-view', firstNumber: 0, prepare: leaveGoldenFile },
  { name: '11-history', firstNumber: 107, onNote: playHistoryNote },
  { name: '12-http-surface', firstNumber: 0, prepare: leaveOutputs },
  // Two prompts were sent back to back; where the second one's status falls is chance.
  { name: '13-crash-restart', firstNumber: 0, ignoreStatus: true },
  { name: '14-server-poison', firstNumber: 0 },
  {
    name: '15-slow-consumer-and-big-frames',
    firstNumber: 0,
    onNote: playSlowReaderNote,
  },
  {
    name: '16-sd15-text2img-random-weights',
    firstNumber: 0,
    flags: ['--preview-method', 'latent2rgb'],
    prepare: placeCheckpoint,
    onNote: playModelNote,
  },
]
