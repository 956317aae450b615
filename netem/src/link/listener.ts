/** The port of a link, which can be closed for a time and opened again. Loopback only. */
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import { nowMs, sleep } from '../clock.ts'
import { messageOf, NetemError } from '../errors.ts'

export type LinkAddress = { readonly host: string; readonly port: number }

/** A port that was closed may be somebody's for a moment when it is to be opened again. */
const reopenMsMax = 2_000
const tryEveryMs = 20

export class Listener {
  readonly #onConnection: (socket: Socket) => void
  #address: LinkAddress
  #server: Server | undefined
  #wasOpen = false

  /** @throws NetemError `bad-usage` for an address that others can reach. */
  constructor(listen: LinkAddress, onConnection: (socket: Socket) => void) {
    if (!isLoopback(listen.host)) {
      const message = `Cannot open a link at ${listen.host}: others could reach it; use 127.0.0.1 or ::1`
      throw new NetemError('bad-usage', message)
    }
    this.#address = listen
    this.#onConnection = onConnection
  }

  /** Once opened, the same for ever. */
  get address(): LinkAddress {
    return this.#address
  }

  /** @throws NetemError `no-port` */
  async open(): Promise<void> {
    const giveUpMs = this.#wasOpen ? nowMs() + reopenMsMax : 0
    while (this.#server === undefined) {
      try {
        this.#server = await this.#listen()
        this.#wasOpen = true
      } catch (error) {
        if (nowMs() < giveUpMs) {
          await sleep(tryEveryMs)
          continue
        }
        const { host, port } = this.#address
        const message = `Cannot open a link at ${host} port ${port}: ${messageOf(error)}; choose another port`
        throw new NetemError('no-port', message, { cause: error })
      }
    }
  }

  /** New connections are refused from now on; those that are open stay. */
  close(): void {
    this.#server?.close()
    this.#server = undefined
  }

  async #listen(): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
    server.on('connection', this.#onConnection)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#address, () => resolve())
    })
    const bound = server.address()
    if (bound !== null && typeof bound === 'object') {
      this.#address = { host: this.#address.host, port: bound.port }
    }
    return server
  }
}

function isLoopback(host: string): boolean {
  return isIPv6(host) ? host === '::1' : /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}
