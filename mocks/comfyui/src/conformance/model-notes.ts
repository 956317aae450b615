/** Golden 16: what its operator did to the checkpoint file, from a sound one to none to a broken one. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeSafetensors } from '../safetensors.ts'
import type { NoteContext, ReplayCase } from './replay-state.ts'

const checkpoint = (dataFolder: string): string =>
  join(dataFolder, 'models', 'checkpoints', 'v1-5-random.safetensors')

/** Puts a sound file there before the recording begins. */
export async function placeCheckpoint({ dataFolder }: { readonly dataFolder: string }): Promise<void> {
  const path = checkpoint(dataFolder)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(
    path,
    writeSafetensors({ format: 'pt' }, { weight: { shape: [1], numbers: Float32Array.of(1) } }),
  )
}

/** Plays the two notes about the file. */
export async function playModelNote(
  text: string,
  { dataFolder }: NoteContext,
): Promise<readonly ReplayCase[]> {
  const path = checkpoint(dataFolder)
  if (text.startsWith('checkpoint file removed on disk')) await rm(path)
  // The real one was cut so that the length of its header read as 0.
  if (text.startsWith('checkpoint replaced by a truncated file')) await writeFile(path, Buffer.alloc(1024))
  return []
}
