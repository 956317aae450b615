/** Questions over TCP, which come in frames of a length and a message (RFC 1035 section 4.2.2), several to a connection. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { embeddedDns } from './embedded-dns.ts'
import type { NamesJudge } from './names-judge.ts'
import { loopback, type Relay } from './relay.ts'

const lengthBytes = 2

/** @param serverPort where the engine listens */
export async function openTcpRelay(judge: NamesJudge, serverPort: number): Promise<Relay> {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    relay(client, judge, serverPort)
  })
  server.listen(0, loopback)
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    get inFlight() {
      return open.size
    },
    close: () => {
      server.close()
      for (const client of open) client.destroy()
    },
  }
}

/** The server's answers go back as they come; they name their question by its number. */
function relay(client: Socket, judge: NamesJudge, serverPort: number): void {
  const server = connect({ port: serverPort, host: embeddedDns.address, allowHalfOpen: true })
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => undefined)
    one.once('close', () => other.destroy())
  }
  server.on('data', (chunk) => client.write(chunk))
  let rest = Buffer.alloc(0)
  let waiting = Promise.resolve()
  client.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
      rest = rest.subarray(frame.length)
      waiting = Promise.all([waiting, onward(frame, client, server, judge)]).then(() => undefined)
    }
  })
  // A client may say that it is done before it has its answers.
  client.once('end', () => void waiting.then(() => server.end()))
  server.once('end', () => client.end())
}

async function onward(frame: Buffer, client: Socket, server: Socket, judge: NamesJudge): Promise<void> {
  const judgement = await judge.judge(frame.subarray(lengthBytes))
  if (judgement.pass) server.write(frame)
  else if (judgement.answer) client.write(Buffer.concat([lengthOf(judgement.answer), judgement.answer]))
}

function firstFrame(bytes: Buffer): Buffer | undefined {
  if (bytes.length < lengthBytes) return undefined
  const end = lengthBytes + bytes.readUInt16BE()
  return bytes.length < end ? undefined : bytes.subarray(0, end)
}

function lengthOf(message: Buffer): Buffer {
  const bytes = Buffer.alloc(lengthBytes)
  bytes.writeUInt16BE(message.length)
  return bytes
}
