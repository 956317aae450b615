/**
 * The far side of tests: a program that sends each UDP packet back and swallows what comes over TCP, IPv4 and IPv6.
 * Prints its ports as JSON when it is ready.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'

const hasIpv6 = existsSync('/proc/net/if_inet6')
const everywhere = hasIpv6 ? '::' : '0.0.0.0'

const udp = createSocket({
  type: hasIpv6 ? 'udp6' : 'udp4',
  recvBufferSize: 8 * 2 ** 20,
  sendBufferSize: 8 * 2 ** 20,
})
udp.on('message', (message, from) => udp.send(message, from.port, from.address))
udp.bind(0, everywhere)
await once(udp, 'listening')

const tcp = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.resume()
  // Says how much it got when the other side is done.
  socket.on('end', () => socket.end(String(socket.bytesRead)))
})
tcp.listen(0, everywhere)
await once(tcp, 'listening')

process.stdin.resume().on('end', () => process.exit(0))
process.stdout.write(`${JSON.stringify({ udp: udp.address().port, tcp: portOf(tcp.address()) })}\n`)

function portOf(address: ReturnType<typeof tcp.address>): number {
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
