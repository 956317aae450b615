/** A service, a link to it, and a way to connect through the link. For tests. */
import type { Socket } from 'node:net'
import { type Link, openLink } from '../link/link.ts'
import { connectClient, openService, type TcpClient, type TcpService } from './tcp-service.ts'

export type LinkLab = AsyncDisposable & {
  readonly link: Link
  readonly service: TcpService
  connect(): Promise<TcpClient>
}

/** @param serve by default answers with what it gets. */
export async function openLab(serve: (socket: Socket) => void = echo): Promise<LinkLab> {
  const service = await openService(serve)
  const link = await openLink({ listen: { host: '127.0.0.1', port: 0 }, service: service.address })
  const clients: TcpClient[] = []
  return {
    link,
    service,
    connect: async () => {
      const client = await connectClient(link.address)
      clients.push(client)
      return client
    },
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of clients) socket.destroy()
      await link[Symbol.asyncDispose]()
      await service[Symbol.asyncDispose]()
    },
  }
}

export function echo(socket: Socket): void {
  socket.pipe(socket)
}
