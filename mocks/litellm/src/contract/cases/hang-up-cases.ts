/** What becomes of the upstream's job when the client of the gateway hangs up. The journal tells. */
import { casesOn } from '../contract-case.ts'
import { question, type Session } from '../session.ts'
import { wait } from '../wait.ts'

const ask = { model: 'squall-text', messages: question }

export const hangUpCases = casesOn('compose', {
  'a hang-up in a stream interrupts the job': async (session) => {
    const hangUp = new AbortController()
    const { signal } = hangUp
    const stream = await session.client.chat.completions.create({ ...ask, stream: true }, { signal })
    let jobId = ''
    for await (const chunk of stream) {
      jobId = chunk.id
      hangUp.abort()
    }
    return await outcomeOf(session, jobId)
  },
  'a hang-up before the first chunk is passed on when that chunk comes': async (session) =>
    await outcomeOf(session, await hangUpOnceStarted(session, true)),
  'a hang-up of a whole answer is not passed on: the job runs to its end': async (session) =>
    await outcomeOf(session, await hangUpOnceStarted(session, false)),
})

/** Asks, waits until the upstream has the job, hangs up. Resolves with the id of the job. */
async function hangUpOnceStarted({ client, gateway }: Session, stream: boolean): Promise<string> {
  const { journal } = gateway.upstream
  const seen = journal.length
  const hangUp = new AbortController()
  const asked = client.chat.completions
    .create({ ...ask, stream }, { signal: hangUp.signal })
    .catch((error: unknown) => error)
  const started = (): unknown => journal.slice(seen).find((line) => line.event === 'job-started')?.['jobId']
  while (started() === undefined) await wait(10)
  hangUp.abort()
  await asked
  return String(started())
}

async function outcomeOf({ gateway }: Session, jobId: string): Promise<unknown> {
  for (let round = 0; round < 250; round++) {
    const finished = gateway.upstream.journal.find(
      (line) => line.event === 'job-finished' && line['jobId'] === jobId,
    )
    if (finished !== undefined) return finished['outcome']
    await wait(20)
  }
  return 'still running'
}
