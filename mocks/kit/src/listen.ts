/** Binds a server to an address, with errors that name the flag to change. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TwinError } from './errors.ts'

/** Resolves when it listens. Throws TwinError `port-in-use` or `cannot-listen`. */
export function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  portFlag = '--port',
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const cannot = `Cannot listen on ${host}:${port}`
      reject(
        error.code === 'EADDRINUSE'
          ? new TwinError('port-in-use', `${cannot}: the port is in use; choose another with ${portFlag}`)
          : new TwinError('cannot-listen', `${cannot}: ${error.code}; check the host and ${portFlag}`, {
              cause: error,
            }),
      )
    })
    // The longest backlog the kernel allows: a burst of clients must not be refused by the mock.
    server.listen({ host, port, backlog: 4096 }, () => resolve(server.address() as AddressInfo))
  })
}

/** How an address is shown: one that means "all" as the loopback one. */
export function shownHost(bound: string): string {
  if (bound === '0.0.0.0') return '127.0.0.1'
  if (bound === '::') return '[::1]'
  return bound.includes(':') ? `[${bound}]` : bound
}
