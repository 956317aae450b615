/** Questions over UDP: each one that passes goes on from a socket of its own, so that answers need no bookkeeping. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { sleep } from '../clock.ts'
import { embeddedDns } from './embedded-dns.ts'
import type { NamesJudge } from './names-judge.ts'
import { loopback, type Relay } from './relay.ts'

/** The engine gives up its own name servers after 4 s and answers then. */
const answerMsMax = 10_000

/** @param serverPort where the engine listens */
export async function openUdpRelay(judge: NamesJudge, serverPort: number): Promise<Relay> {
  const socket = createSocket('udp4')
  let inFlight = 0
  let isOpen = true
  const treat = async (question: Buffer, from: RemoteInfo): Promise<void> => {
    inFlight += 1
    const judgement = await judge.judge(question)
    const answer = judgement.pass ? await askServer(question, serverPort) : judgement.answer
    if (answer && isOpen) socket.send(answer, from.port, from.address)
    inFlight -= 1
  }
  socket.on('message', (question, from) => void treat(question, from))
  // E.g. a program that did not wait for its answer.
  socket.on('error', () => undefined)
  socket.bind(0, loopback)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    get inFlight() {
      return inFlight
    },
    close: () => {
      isOpen = false
      socket.close()
    },
  }
}

/** From a socket of its own. What cannot be asked or is not answered is as good as lost, as it is without us. */
async function askServer(question: Buffer, port: number): Promise<Buffer | undefined> {
  const socket = createSocket('udp4')
  const over = new AbortController()
  let answer: Buffer | undefined
  socket.on('error', () => over.abort())
  socket.on('message', (message) => {
    answer = message
    over.abort()
  })
  socket.send(question, port, embeddedDns.address)
  await sleep(answerMsMax, over.signal).catch(() => undefined)
  socket.close()
  return answer
}
