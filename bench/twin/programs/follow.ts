/**
 * A crowd of WebSocket clients of ComfyUI: `follow.ts <url> <followers> <jobs each>`. Everybody connects, then
 * everybody's jobs are handed in, and each follower waits for the end of all its own. Prints one JSON line. With
 * `null` instead of a number of jobs each follower waits for messages of the null server.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'

const [url = '', followersText = '0', jobsText = '1', messagesText = '0'] = process.argv.slice(2)
const [followers, jobsEach, messages] = [Number(followersText), Number(jobsText), Number(messagesText)]
const submitters = 8
const batch = 100

/** First bytes of the very last message about a prompt, and of what goes to everybody. */
const end = '{"type": "executing", "data": {"node": null'
const status = '{"type": "status"'

type Follower = { readonly socket: WebSocket; frames: number; statuses: number; ends: number }

const everyone = Promise.withResolvers<void>()
const progress = { waiting: followers }

async function join(number: number): Promise<Follower> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=follower-${number}`, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  const follower: Follower = { socket, frames: 0, statuses: 0, ends: 0 }
  await once(socket, 'message')
  socket.on('message', (data: Buffer) => {
    follower.frames += 1
    const opening = data.toString('latin1', 0, end.length)
    if (opening.startsWith(status)) follower.statuses += 1
    if (opening === end) follower.ends += 1
    const isDone = messages > 0 ? follower.frames === messages : opening === end && follower.ends === jobsEach
    if (isDone) progress.waiting -= 1
    if (isDone && progress.waiting === 0) everyone.resolve()
  })
  socket.on('close', () => everyone.reject(new Error(`Cannot follow: socket ${number} was closed`)))
  return follower
}

/** Job texts differ, so that no answer comes from the cache. */
async function submit(number: number): Promise<void> {
  const prompt = { '1': { class_type: 'PreviewAny', inputs: { source: `text ${number}` } } }
  const body = JSON.stringify({ prompt, client_id: `follower-${number % followers}` })
  const answer = await fetch(`${url}/prompt`, { method: 'POST', body })
  if (answer.status !== 200) throw new Error(`Cannot submit: ${answer.status} ${await answer.text()}`)
  await answer.arrayBuffer()
}

async function submitAll(): Promise<void> {
  let next = 0
  const submitter = async (): Promise<void> => {
    while (next < followers * jobsEach) await submit(next++)
  }
  await Promise.all(Array.from({ length: submitters }, submitter))
}

const crowd: Follower[] = []
const connectBegan = performance.now()
while (crowd.length < followers) {
  const numbers = Array.from({ length: Math.min(batch, followers - crowd.length) }, (_, index) => index)
  crowd.push(...(await Promise.all(numbers.map((number) => join(crowd.length + number)))))
}
const connectMs = performance.now() - connectBegan
process.stdout.write(`${JSON.stringify({ connected: crowd.length })}\n`)
await once(process.stdin, 'data')
const began = performance.now()
if (messages > 0) crowd[0]?.socket.send(String(messages))
else await submitAll()
await everyone.promise
const ms = performance.now() - began
const sum = (count: (follower: Follower) => number): number =>
  crowd.reduce((total, follower) => total + count(follower), 0)
process.stdout.write(
  `${JSON.stringify({
    connectMs,
    ms,
    frames: sum(({ frames }) => frames),
    statuses: sum(({ statuses }) => statuses),
    ends: sum(({ ends }) => ends),
  })}\n`,
)
process.exit(0)
