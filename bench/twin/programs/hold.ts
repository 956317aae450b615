/**
 * Opens connections and holds them until its standard input ends: `hold.ts <url> <count> <request>`. Each sends the
 * request text (`#` becomes its number) and counts as open when the first byte came back. Bare sockets, so that
 * thousands of them cost this process little.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const [url = '', count = '0', request = ''] = process.argv.slice(2)
const { hostname, port } = new URL(url)
const batch = 100

async function open(number: number): Promise<Socket> {
  const socket = connect(Number(port), hostname)
  socket.write(request.replaceAll('#', String(number)))
  await once(socket, 'data')
  return socket.resume()
}

const sockets: Socket[] = []
while (sockets.length < Number(count)) {
  const numbers = Array.from({ length: Math.min(batch, Number(count) - sockets.length) }, (_, index) => index)
  sockets.push(...(await Promise.all(numbers.map((number) => open(sockets.length + number)))))
}
process.stdout.write(`${JSON.stringify({ open: sockets.length })}\n`)
await once(process.stdin.resume(), 'end')
process.exit(0)
