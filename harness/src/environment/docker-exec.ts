/** Runs a program of Node inside a container and gives what it prints. */
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type Dockerode from 'dockerode'
import { withDeadline } from '../support/deadline.ts'

/** Node starts in 0.2 s; a machine under load takes longer. */
const execMsMax = 15_000

export type InsideNode = {
  /** For `node -e`. */
  readonly source: string
  readonly args?: readonly string[]
  /** "1000:1000"; by default that of the container. */
  readonly user?: string
}

/** @throws Error with what it complained of, when it fails. */
export async function runNode(
  container: Dockerode.Container,
  { source, args = [], user }: InsideNode,
): Promise<string> {
  return await withDeadline(execMsMax, 'run a program in a container', async () => {
    const exec = await container.exec({
      Cmd: ['node', '-e', source, ...args],
      Env: ['NODE_NO_WARNINGS=1'],
      ...{ AttachStdout: true, AttachStderr: true },
      ...(user !== undefined && { User: user }),
    })
    const stream = await exec.start({})
    const [output, errors] = [new PassThrough(), new PassThrough()]
    container.modem.demuxStream(stream, output, errors)
    stream.once('close', () => {
      output.end()
      errors.end()
    })
    const [said, complained] = await Promise.all([text(output), text(errors)])
    const { ExitCode: code } = await exec.inspect()
    if (code === 0) return said
    const why = /^\w*Error: (.*)$/m.exec(complained)?.[1] ?? `it ended with ${code ?? 'no code'}`
    throw new Error(why)
  })
}
