/** What stands between a program and its name server, over one protocol. */
export type Relay = {
  readonly port: number
  /** Questions, or connections for them, that are not done with. */
  readonly inFlight: number
  close(): void
}

/** Where relays listen: of the namespace itself, so that nobody else reaches them. */
export const loopback = '127.0.0.1'
