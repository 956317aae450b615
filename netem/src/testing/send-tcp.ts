/** Bytes over TCP to the echo's sink: how long they took and how many it says it got. */
import { once } from 'node:events'
import { connect } from 'node:net'

export async function sendTcp(
  address: string,
  port: number,
  bytes: number,
): Promise<{ readonly gotBytes: number; readonly tookMs: number }> {
  const socket = connect({ host: address, port, allowHalfOpen: true })
  await once(socket, 'connect')
  const beganMs = performance.now()
  socket.end(Buffer.alloc(bytes, 0x5a))
  let said = ''
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await once(socket, 'end')
  return { gotBytes: Number(said), tookMs: performance.now() - beganMs }
}
