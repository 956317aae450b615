/**
 * One life of the program in a container: its output and its exit, both followed from before the start.
 */

import { type Readable, Writable } from 'node:stream'
import type Dockerode from 'dockerode'
import { statusOf } from './docker-client.ts'
import type { LogLine } from './engine.ts'
import type { LogBook } from './log-book.ts'

export type ContainerLife = {
  /** The program has ended, and the engine knows it. */
  readonly exited: Promise<void>
  /** Its output was read to the end. */
  readonly drained: Promise<void>
  /** Stops following. */
  close(): void
}

/** To be called before each start. Resolves when the engine has taken note of both wishes, so that nothing is missed. */
export async function followLife(container: Dockerode.Container, book: LogBook): Promise<ContainerLife> {
  const [output, exit] = await Promise.all([attach(container), nextExit(container)])
  const write = (stream: LogLine['stream']): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        book.write(stream, chunk)
        done()
      },
    })
  container.modem.demuxStream(output, write('stdout'), write('stderr'))
  const drained = closed(output).then(() => book.flush())
  exit.resume()
  const close = (): void => {
    output.destroy()
    exit.destroy()
  }
  return { exited: closed(exit), drained, close }
}

async function attach(container: Dockerode.Container): Promise<Readable> {
  const streams = { stdout: true, stderr: true } as const
  const output: unknown = await container
    .attach({ ...streams, stream: true })
    .catch(async (error: unknown) => {
      // One that somebody else has frozen cannot be attached to; its log can be followed.
      if (statusOf(error) !== 409 || !/is paused/.test(String(error))) throw error
      return await container.logs({ ...streams, follow: true, tail: 0 })
    })
  return output as Readable
}

/**
 * The engine's answer ends at the next exit. dockerode's own `wait` shows only that end; here it matters when the
 * wait begins: the engine sends the head of its answer once it watches, and the program may end within milliseconds.
 */
function nextExit(container: Dockerode.Container): Promise<Readable> {
  const request = {
    path: `/containers/${container.id}/wait?`,
    method: 'POST',
    isStream: true,
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    options: { condition: 'next-exit' },
  }
  return new Promise((resolve, reject) => {
    container.modem.dial(request, (error: unknown, answer: Readable) =>
      error ? reject(error) : resolve(answer),
    )
  })
}

/** A broken connection counts as the end: the engine is asked for the state afterwards anyway. */
function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve)
    stream.once('error', () => undefined)
  })
}
