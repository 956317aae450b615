/** Many clients at once that are not hostile one by one: slow, idle, or gone in the middle. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { openRaw } from './raw-request.ts'

/** Connections that are opened side by side; more would only queue in the kernel. */
const batch = 200

/** Opens `count` sockets, runs `use` on each (with its number), and hands them to `during` while all are open. */
export async function withSockets(
  url: string,
  count: number,
  use: (socket: Socket, number: number) => Promise<void>,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const sockets: Socket[] = []
  try {
    for (let first = 0; first < count; first += batch) {
      const numbers = Array.from({ length: Math.min(batch, count - first) }, (_, index) => first + index)
      const open = async (number: number): Promise<void> => {
        const socket = await openRaw(url)
        sockets.push(socket)
        await use(socket, number)
      }
      await Promise.all(numbers.map(open))
    }
    await during()
  } finally {
    const gone = sockets.filter(({ closed }) => !closed).map((socket) => once(socket, 'close'))
    for (const socket of sockets) socket.destroy()
    await Promise.all(gone)
  }
}

/** Writes a request and waits for the first byte of its answer. */
export async function request(socket: Socket, text: string): Promise<void> {
  const answered = once(socket, 'data')
  socket.write(text)
  await answered
}
