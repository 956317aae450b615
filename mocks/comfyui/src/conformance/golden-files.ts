/** The recordings and what each needs to be replayed. */
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderImage } from '@squall/twin-kit'
import { playHistoryNote } from './history-notes.ts'
import type { RecordedEvent } from './recording.ts'
import type { ReplayOptions } from './replay.ts'
import type { ReplayTarget } from './replay-target.ts'

/** One recording under replay. */
export type GoldenFile = ReplayOptions & {
  readonly name: string
  /** Value of the server's prompt counter when the recording began. */
  readonly firstNumber: number
  /** Flags beyond the usual ones. */
  readonly flags?: readonly string[]
  /** What other recordings had left behind. */
  readonly prepare?: (target: ReplayTarget) => Promise<void>
  /** Which lines are played; the others need something a client cannot do. */
  readonly plays?: (event: RecordedEvent) => boolean
}

/** Golden 10 looks at a picture of an earlier recording: same length, same time. */
async function leaveGoldenFile({ dataFolder }: ReplayTarget): Promise<void> {
  const path = join(dataFolder, 'output', 'golden_00001_.png')
  const picture = renderImage({ prompt: 'golden', seed: 1, width: 8, height: 8 })
  await writeFile(path, Buffer.concat([picture], 530))
  const time = new Date('2026-11-20T15:22:58Z')
  await utimes(path, time, time)
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
  { name: '12-http-surface', firstNumber: 0 },
  // Two prompts were sent back to back; where the second one's status falls is chance.
  { name: '13-crash-restart', firstNumber: 0, ignoreStatus: true },
  { name: '14-server-poison', firstNumber: 0 },
  {
    name: '15-slow-consumer-and-big-frames',
    firstNumber: 2,
    // The slow reader before is a raw socket with a tiny buffer, and the flags after it the twin does not have.
    plays: ({ at }) => at === 2 || at === 3 || (at >= 41 && at <= 55),
  },
  {
    name: '16-sd15-text2img-random-weights',
    firstNumber: 0,
    flags: ['--checkpoints', 'v1-5-random.safetensors', '--preview-method', 'latent2rgb'],
    // Then the checkpoint file was deleted and cut on disk. The twin has names, no files.
    plays: ({ at }) => at < 118 || at >= 140,
  },
]
