/** The reference client against the real twins, as programs on real ports. */
import { createHash } from 'node:crypto'
import {
  type ActiveSubject,
  type Job,
  type JobResult,
  type SubjectEvent,
  type SubjectOptions,
  simpleWorkflow,
} from '@squall/harness'
import { expect, test } from 'vitest'
import { reference } from './reference.ts'
import { type JournalLine, startTwinProcess, type TwinProcess } from './twin-process.ts'

const budget = () => AbortSignal.timeout(15_000)
const image = (seed: number): Job => ({
  kind: 'image',
  workflow: simpleWorkflow({ prompt: 'a storm', seed }),
})
const text: Job = { kind: 'text', prompt: 'What is a squall?' }
const video: Job = { kind: 'video', prompt: 'waves', seed: 5, steps: 4, frames: 9 }

async function start(
  endpoints: SubjectOptions['endpoints'],
  events: SubjectEvent[] = [],
): Promise<ActiveSubject> {
  return await reference.start({
    endpoints,
    litellmKey: 'sk-squall',
    litellmModel: 'squall-text',
    seed: 1,
    healthIntervalMs: 500,
    emit: (event) => events.push(event),
  })
}

async function run(client: ActiveSubject, job: Job): Promise<JobResult> {
  const signal = budget()
  return await client.follow(await client.submit(job, signal), signal)
}

/** The only output of a result, compared with what the twin wrote into its journal. */
function soleOutput(result: JobResult, twin: TwinProcess): { mediaType: string; isIntact: boolean } {
  const [output, ...rest] = result.outputs
  expect(rest).toEqual([])
  const sha256 = createHash('sha256')
    .update(output?.bytes ?? '')
    .digest('hex')
  const isIntact = twin.journal.some((line) => line.event === 'output' && line['sha256'] === sha256)
  return { mediaType: output?.mediaType ?? '', isIntact }
}

const isStarted = (line: JournalLine) => line.event === 'job-started'
const finished = (twin: TwinProcess) => twin.journal.filter((line) => line.event === 'job-finished').length

test('an image job ends with the file the server wrote', async () => {
  await using comfyui = await startTwinProcess('comfyui', ['--time-scale', '0.01'])
  const events: SubjectEvent[] = []
  await using client = await start({ comfyui: comfyui.url }, events)
  expect(soleOutput(await run(client, image(1)), comfyui)).toEqual({ mediaType: 'image/png', isIntact: true })
  const told = events.flatMap((event) => (event.type === 'job' ? [event.what] : []))
  expect(told[0]).toBe('started')
  expect(new Set(told)).toEqual(new Set(['started', 'progress']))
})

test('a text job ends with the text of the upstream', async () => {
  await using openai = await startTwinProcess('openai', ['--time-scale', '0.01'])
  const gateway = ['--upstream', `${openai.url}/v1`, '--master-key', 'sk-squall']
  await using litellm = await startTwinProcess('litellm', gateway)
  await using client = await start({ litellm: litellm.url })
  expect(soleOutput(await run(client, text), openai)).toEqual({ mediaType: 'text/plain', isIntact: true })
})

test('a video job walks the chain and ends with the file of the gallery', async () => {
  await using wan2gp = await startTwinProcess('wan2gp', ['--time-scale', '0.01'])
  const events: SubjectEvent[] = []
  await using client = await start({ wan2gp: wan2gp.url }, events)
  const result = await run(client, video)
  expect(soleOutput(result, wan2gp)).toEqual({ mediaType: 'video/mp4', isIntact: true })
  expect(events).toContainEqual(expect.objectContaining({ type: 'job', what: 'started' }))
})

test('a failure says of which class it is, in the word that the harness asks for', async () => {
  await using litellm = await startTwinProcess('litellm', ['--master-key', 'sk-another'])
  await using client = await start({ litellm: litellm.url })
  await expect(client.submit(text, budget())).rejects.toMatchObject({ failureClass: 'validation' })
})

test('discovery names what is there and why the rest is not', async () => {
  await using comfyui = await startTwinProcess('comfyui')
  await using gone = await startTwinProcess('wan2gp')
  await gone.kill()
  await using client = await start({ comfyui: comfyui.url, wan2gp: gone.url })
  const found = await client.discover()
  expect(found).toMatchObject([
    { service: 'comfyui', state: 'connected', version: expect.stringMatching(/^\d/) as string },
    { service: 'wan2gp', state: 'error', reason: expect.stringContaining('ECONNREFUSED') as string },
  ])
  await gone.startAgain()
  expect((await client.discover())[1]).toMatchObject({ service: 'wan2gp', state: 'connected' })
})

test('ComfyUI killed in mid job with more queued: every job ends, handed in again', async () => {
  await using comfyui = await startTwinProcess('comfyui', ['--time-scale', '0.1'])
  const events: SubjectEvent[] = []
  await using client = await start({ comfyui: comfyui.url }, events)
  const signal = budget()
  const submitted = await Promise.all([1, 2, 3].map((seed) => client.submit(image(seed), signal)))
  const results = Promise.all(submitted.map((job) => client.follow(job, signal)))
  await comfyui.until(isStarted)
  await comfyui.kill()
  const before = finished(comfyui)
  await comfyui.startAgain()
  for (const result of await results) {
    expect(soleOutput(result, comfyui)).toEqual({ mediaType: 'image/png', isIntact: true })
  }
  expect(finished(comfyui) - before).toBe(3 - before) // no job was run twice
  const again = events.flatMap((event) =>
    event.type === 'job' && event.what === 'resubmitted' ? [event.jobId] : [],
  )
  expect(again.length).toBe(3 - before)
  expect(submitted.map((job) => job.jobId)).toEqual(expect.arrayContaining(again))
  const health = events.flatMap((event) =>
    event.type === 'health' && event.service === 'comfyui' ? [event.state] : [],
  )
  expect(health).toEqual(['HEALTHY', 'UNHEALTHY', 'HEALTHY'])
  expect(client.stats().reconnects).toBe(1)
})

test('a job submitted while ComfyUI is down is accepted when it is back', async () => {
  await using comfyui = await startTwinProcess('comfyui', ['--time-scale', '0.01'])
  await using client = await start({ comfyui: comfyui.url })
  await run(client, image(1))
  await comfyui.kill()
  const result = run(client, image(2))
  await expect.poll(() => client.stats().retries, { timeout: 5_000 }).toBeGreaterThan(0)
  await comfyui.startAgain()
  expect(soleOutput(await result, comfyui)).toEqual({ mediaType: 'image/png', isIntact: true })
  expect(comfyui.journal.filter((line) => line.event === 'job-accepted')).toHaveLength(2)
})

test('Wan2GP killed in mid job ends in a typed error, not in a hang', async () => {
  await using wan2gp = await startTwinProcess('wan2gp')
  await using client = await start({ wan2gp: wan2gp.url })
  const signal = budget()
  const submitted = await client.submit(video, signal)
  await wan2gp.until(isStarted)
  await wan2gp.kill()
  await expect(client.follow(submitted, signal)).rejects.toMatchObject({
    name: 'ClientError',
    errorClass: 'network',
    code: 'stream-broken',
  })
})
