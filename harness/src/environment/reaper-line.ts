/** A line to a reaper in a container: found by its published port, open once the first request was answered. */
import { connect } from 'node:net'
import type Dockerode from 'dockerode'
import { messageOf } from '../support/errors.ts'
import { pollUntil } from '../support/poll.ts'
import type { ReaperRequest } from './reaper/request.ts'
import { openReaperChannel, type ReaperChannel } from './reaper-channel.ts'

export const portInside = '8080/tcp'
const startBudgetMs = 20_000

export type ReaperLine = ReaperChannel & {
  /** The answer to the first request. */
  readonly told: unknown
  /** Resolves when the line has ended, whoever ended it. */
  readonly closed: Promise<void>
}

/** Connects, as soon as it listens. @param first Asked until it is answered. @throws Error when it has ended. */
export async function introduce(
  host: string,
  container: Dockerode.Container,
  first: ReaperRequest,
  { runId, budgetMs = startBudgetMs }: { readonly runId: string; readonly budgetMs?: number },
): Promise<ReaperLine> {
  const port = (await container.inspect()).NetworkSettings.Ports[portInside]?.[0]?.HostPort
  const line = await pollUntil<ReaperLine | undefined>({
    what: `the reaper acknowledges run ${runId}`,
    everyMs: 20,
    budgetMs,
    probe: async () => {
      try {
        return { done: true, value: await acknowledged(host, Number(port), first) }
      } catch (error) {
        return (await runs(container))
          ? { done: false, saw: messageOf(error) }
          : { done: true, value: undefined }
      }
    },
  })
  if (line === undefined) throw new Error('its reaper ended before it answered')
  return line
}

async function runs(container: Dockerode.Container): Promise<boolean> {
  return await container.inspect().then(
    ({ State }) => State.Running,
    () => false,
  )
}

/** A line on which the request was answered. The engine's proxy accepts before the reaper listens, then resets. */
async function acknowledged(host: string, port: number, request: ReaperRequest): Promise<ReaperLine> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    socket.on('error', () => undefined)
    const channel = openReaperChannel(socket, socket)
    const told = await channel.ask(request)
    return { ...channel, told, closed }
  } catch (error) {
    socket.destroy()
    throw error
  }
}
