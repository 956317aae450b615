/** Answers that the upstream makes and the gateway passes on, byte for byte as the upstream's journal has them. */
import { createHash } from 'node:crypto'
import { casesOn } from '../contract-case.ts'
import { question, type Session } from '../session.ts'
import { wait } from '../wait.ts'

const ask = { model: 'squall-text', messages: question }

export const answerCases = casesOn('compose', {
  'chat, whole': ({ chat }) => chat('squall-text'),
  'chat, streamed': ({ chat }) => chat('squall-text', { stream: true }),
  'chat, streamed with usage': ({ chat }) =>
    chat('squall-text', { stream: true, stream_options: { include_usage: true } }),
  'chat without /v1': ({ post }) => post('/chat/completions', { ...ask, max_tokens: 2 }),
  'chat with a call id': ({ chat }) =>
    chat('squall-text', {}, { 'x-litellm-call-id': 'call-of-the-contract' }),
  'completions, whole': ({ post }) =>
    post('/v1/completions', { model: 'squall-text', prompt: 'x', max_tokens: 3 }),
  'completions, streamed': ({ post }) =>
    post('/v1/completions', { model: 'squall-text', prompt: 'x', max_tokens: 3, stream: true }),
  embeddings: ({ post }) => post('/v1/embeddings', { model: 'squall-embed', input: ['wind', 'rain'] }),
  'the text of a whole chat is what the upstream journalled': async (session) => {
    const answer = await session.client.chat.completions.create(ask)
    const text = answer.choices[0]?.message.content ?? ''
    return { length: text.length, isJournalled: await isJournalled(session, answer.id, Buffer.from(text)) }
  },
  'the text of a chat stream is what the upstream journalled': async (session) => {
    const stream = await session.client.chat.completions.create({ ...ask, stream: true })
    let [id, text, chunks] = ['', '', 0]
    for await (const chunk of stream) {
      id = chunk.id
      text += chunk.choices[0]?.delta.content ?? ''
      chunks += 1
    }
    return { chunks, length: text.length, isJournalled: await isJournalled(session, id, Buffer.from(text)) }
  },
  'vectors are what the upstream journalled': async (session) => {
    const { data } = await session.client.embeddings.create({
      model: 'squall-embed',
      input: ['wind', 'rain'],
    })
    const known = data.map(({ embedding }) =>
      isJournalled(session, undefined, Buffer.from(Float32Array.from(embedding).buffer)),
    )
    return await Promise.all(known)
  },
  'what the upstream is told of the user': async ({ chat, post, gateway, behind }) => {
    const { journal } = gateway.upstream
    const seen = journal.length
    await behind([], async () => {
      await chat('squall-text', { user: 'ann' })
      await post('/v1/completions', { model: 'squall-text', prompt: 'x', max_tokens: 1, user: 'ben' })
      await post('/v1/embeddings', { model: 'squall-embed', input: 'x', user: 'eve' })
    })
    const accepted = journal.slice(seen).filter((line) => line.event === 'job-accepted')
    return accepted.map((line) => line['clientId'] ?? null)
  },
})

/** Whether an output of these bytes is in the journal. The line may come a little later than the answer. */
async function isJournalled(
  { gateway }: Session,
  jobId: string | undefined,
  bytes: Buffer,
): Promise<boolean> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  for (let round = 0; round < 50; round++) {
    const outputs = gateway.upstream.journal.filter((line) => line.event === 'output')
    if (outputs.some((line) => line['sha256'] === sha256 && (jobId ?? line['jobId']) === line['jobId']))
      return true
    await wait(20)
  }
  return false
}
