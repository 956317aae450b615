/** Every limit of the client in one place, with the reason beside it. All times in ms. */
export type Limits = {
  /** One short HTTP call. A node that holds the interpreter delays ComfyUI's answers by seconds. */
  readonly callMsMax: number
  /** Opening a TCP connection. */
  readonly connectMsMax: number
  /** Connections per service for short calls. Few, so that 50 users share them instead of opening one each. */
  readonly shortConnectionsMax: number
  /** Connections per service for what lasts: an event stream per running video job, a completion per text job. */
  readonly longConnectionsMax: number
  /** From submit to accepted, all retries included; long enough for a cold start of a backend. */
  readonly submitMsMax: number
  /** From accepted to finished. Renders of half an hour exist. */
  readonly followMsMax: number
  /** One chat completion, retries included. */
  readonly textMsMax: number
  /** Between two pings on a WebSocket. */
  readonly heartbeatMs: number
  /** A socket that is open and says nothing for so long, not even a pong, is dead. */
  readonly silenceMsMax: number
  /** A Gradio stream sends a heartbeat every 15 s when idle; three missed ones are a dead stream. */
  readonly streamSilenceMsMax: number
  /** First and longest wait before a reconnect. Short, because a refused connection costs next to nothing. */
  readonly reconnectMsFirst: number
  readonly reconnectMsMax: number
  /** First and longest wait before a retry. */
  readonly retryMsFirst: number
  readonly retryMsMax: number
  /** Attempts after a plain 500: it can be permanent (malformed graph), so it does not get the whole deadline. */
  readonly serverErrorAttemptsMax: number
  /** Between two looks at the server while a job's events are silent. */
  readonly reconcileMs: number
  /** How often one job may be handed in again because the server lost it. A graph that kills the server must end. */
  readonly resubmitsMax: number
  /** `/history` may still be empty right after the last event; it is written within milliseconds. */
  readonly historyMsMax: number
}

export const defaultLimits: Limits = {
  callMsMax: 30_000,
  connectMsMax: 5_000,
  shortConnectionsMax: 16,
  longConnectionsMax: 256,
  submitMsMax: 60_000,
  followMsMax: 30 * 60_000,
  textMsMax: 120_000,
  heartbeatMs: 2_000,
  silenceMsMax: 8_000,
  streamSilenceMsMax: 45_000,
  reconnectMsFirst: 50,
  reconnectMsMax: 1_000,
  retryMsFirst: 100,
  retryMsMax: 2_000,
  serverErrorAttemptsMax: 3,
  reconcileMs: 3_000,
  resubmitsMax: 5,
  historyMsMax: 2_000,
}
