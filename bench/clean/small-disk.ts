/**
 * A disk of a few megabytes in memory that stands for the machine's: temp folder and run folder are on it, for this
 * process and those it starts, until it is disposed of. The container engine keeps its own. Linux, as root.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause } from '../clock.ts'

export type SmallDisk = AsyncDisposable & {
  readonly folder: string
  /** Not a byte is left on it. */
  fill(): void
}

const sizeMiB = 96
/** Whoever had a file open there is gone a moment after its process. */
const releaseMsMax = 5000

export function openSmallDisk(): SmallDisk {
  const usual = process.env['TMPDIR']
  const folder = mkdtempSync(join(tmpdir(), 'squall-small-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'squall-small-disk', folder])
  const temp = join(folder, 'tmp')
  mkdirSync(temp)
  process.env['TMPDIR'] = temp
  return {
    folder,
    fill: () => fill(join(folder, 'filling')),
    [Symbol.asyncDispose]: async () => {
      if (usual === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = usual
      await unmount(folder)
      rmSync(folder, { recursive: true })
    },
  }
}

/** In smaller and smaller pieces, until none fits. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  for (let bytes = 2 ** 20; bytes >= 1; bytes /= 2) {
    const piece = Buffer.alloc(bytes)
    while (write(descriptor, piece));
  }
  closeSync(descriptor)
}

function write(descriptor: number, piece: Buffer): boolean {
  try {
    return writeSync(descriptor, piece) === piece.length
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

async function unmount(folder: string): Promise<void> {
  const endsAt = performance.now() + releaseMsMax
  for (;;) {
    try {
      execFileSync('umount', [folder], { stdio: 'pipe' })
      return
    } catch (error) {
      if (performance.now() > endsAt) throw error
      await pause(50)
    }
  }
}
