/** The end of a generation: pictures or a video are drawn and written, and the gallery gets them. */
import { renderJpeg, renderVideo } from '@squall/twin-kit'
import type { Task } from '../session.ts'
import { failureNamed } from './failure.ts'
import { factsOf, type Job } from './job.ts'
import type { Studio } from './studio.ts'
import { videoSize } from './video-size.ts'

/** Draw and write everything a task asks for. */
export async function saveOutputs(studio: Studio, job: Job, task: Task): Promise<void> {
  const { prompt, seed, fps, images } = task
  if (images === 0) {
    const bytes = await renderVideo({ prompt, seed, fps, ...videoSize(task) })
    await saveOne(studio, job, task, { bytes, extension: '.mp4', mediaType: 'video' })
    return
  }
  const { width, height } = videoSize({ ...task, frames: 1 })
  for (let index = 0; index < images; index += 1) {
    const bytes = renderJpeg({ prompt, seed: seed + index, width, height })
    await saveOne(studio, job, task, { bytes, extension: '.jpg', mediaType: 'image' })
  }
}

type Drawn = {
  readonly bytes: Buffer
  readonly extension: '.mp4' | '.jpg'
  readonly mediaType: 'video' | 'image'
}

async function saveOne(studio: Studio, job: Job, task: Task, drawn: Drawn): Promise<void> {
  const { prompt, seed } = task
  const { bytes, extension, mediaType } = drawn
  const named = studio.outputs.nameFor({ prompt, seed, atMs: studio.clock.now(), extension })
  const step = await studio.faults.step('wan2gp.file.write', { ...factsOf(job, task), name: named })
  await studio.alive()
  if (step.kind === 'fail' && step.as === 'disk-full') throw failureNamed(step.as)
  const harm = step.kind === 'fail' ? step.as : step.kind === 'skip' ? 'missing' : 'none'
  const stored = await studio.outputs.save({ bytes, name: named, written: writtenOf(bytes, harm) })
  if (harm !== 'missing') {
    studio.journal('output', {
      jobId: job.jobId,
      sha256: stored.sha256,
      bytes: stored.bytes,
      mediaType: mediaType === 'video' ? 'video/mp4' : 'image/jpeg',
      file: stored.cachePath,
    })
  }
  job.session.gen.files.push({
    path: harm === 'forbidden' ? studio.outputs.outside(named) : stored.cachePath,
    outputPath: stored.outputPath,
    mediaType,
    settings: { ...task.params, seed },
  })
}

/** The bytes that reach the disk; undefined = no file at all. */
function writtenOf(bytes: Buffer, harm: string): Buffer | undefined {
  if (harm === 'missing') return undefined
  if (harm === 'truncated') return bytes.subarray(0, Math.floor(bytes.length / 2))
  return harm === 'empty' ? Buffer.alloc(0) : bytes
}
