/**
 * The image with all twins, and the one with the reaper. Twins are found by their package and bundled from their
 * source; nothing of theirs is imported into the harness.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type Docker from 'dockerode'
import { messageOf } from '../../support/errors.ts'
import { ImageError, type ImageOptions, type ResolvedImage } from './image.ts'
import { type ProgramImage, programImage } from './program-image.ts'
import { projectFolder } from './project-folder.ts'

/** Packages `@squall/twin-<name>`; in the image `/app/<name>.mjs`. */
export const twinNames = ['comfyui', 'wan2gp', 'litellm', 'openai'] as const

/** Start a twin with the arguments `/app/<name>.mjs --port ...`; `/data` is writable. @throws ImageError */
export async function twinsImage(docker: Docker, options: ImageOptions): Promise<ResolvedImage> {
  return await programImage(docker, twinsProgram(), options)
}

/** Needs no arguments. Carries the label by which testcontainers knows its reaper. @throws ImageError */
export async function reaperImage(docker: Docker, options: ImageOptions): Promise<ResolvedImage> {
  return await programImage(docker, reaperProgram(), options)
}

export function twinsProgram(): ProgramImage {
  return { name: 'twins', programs: Object.fromEntries(twinNames.map((name) => [name, twinMain(name)])) }
}

export function reaperProgram(): ProgramImage {
  return { name: 'reaper', programs: { reaper: join(import.meta.dirname, '../reaper/main.ts') } }
}

/** Absolute path of a twin's main script. @throws ImageError when the package is not installed. */
export function twinMain(name: string): string {
  const fromProject = createRequire(join(projectFolder, 'package.json'))
  try {
    const manifestPath = fromProject.resolve(`@squall/twin-${name}/package.json`)
    // The program itself; the package's `bin` is the bundle that is made for packing.
    const main = join(dirname(manifestPath), 'src/main.ts')
    if (!existsSync(main)) throw new Error(`${main} is missing`)
    return main
  } catch (error) {
    throw new ImageError(`Cannot find twin ${name}: ${messageOf(error)}; run pnpm install in the project`, {
      cause: error,
    })
  }
}
