/** What becomes of the upstream's job when the client of the gateway hangs up. The journal tells. */
import { expect, test } from 'vitest'
import { type Gateway, openAiClient, question } from './gateway.ts'

const ask = { model: 'squall-text', messages: question }

export function hangUpCases(gateway: () => Gateway): void {
  test('a hang-up in a stream interrupts the job', async () => {
    const hangUp = new AbortController()
    const options = { signal: hangUp.signal }
    const stream = await openAiClient(gateway()).chat.completions.create({ ...ask, stream: true }, options)
    let jobId = ''
    for await (const chunk of stream) {
      jobId = chunk.id
      hangUp.abort()
    }
    await expectOutcome(gateway(), jobId, 'interrupted')
  })

  test('a hang-up before the first chunk is passed on when that chunk comes', async () => {
    const jobId = await hangUpOnceStarted(gateway(), true)
    await expectOutcome(gateway(), jobId, 'interrupted')
  })

  test('a hang-up of a whole answer is not passed on: the job runs to its end', async () => {
    const jobId = await hangUpOnceStarted(gateway(), false)
    await expectOutcome(gateway(), jobId, 'success')
  })
}

/** Asks, waits until the upstream has the job, hangs up. Resolves with the id of the job. */
async function hangUpOnceStarted(gateway: Gateway, stream: boolean): Promise<string> {
  const { journal } = gateway.upstream
  const seen = journal.length
  const hangUp = new AbortController()
  const asked = openAiClient(gateway)
    .chat.completions.create({ ...ask, stream }, { signal: hangUp.signal })
    .catch((error: unknown) => error)
  const started = () => journal.slice(seen).find((line) => line.event === 'job-started')?.['jobId']
  await expect.poll(started, { interval: 10, timeout: 5000 }).toBeDefined()
  hangUp.abort()
  await asked
  return String(started())
}

async function expectOutcome({ upstream }: Gateway, jobId: string, outcome: string): Promise<void> {
  const finished = () => upstream.journal.filter((line) => line.event === 'job-finished')
  const line = expect.objectContaining({ jobId, outcome })
  await expect.poll(finished, { timeout: 5000 }).toContainEqual(line)
}
