/** What it takes to ask one service whether it is there. Varieties: `probe-<service>.ts`, listed in `probes.ts`. */
import type { Http } from '../transport/http.ts'

export type ProbeContext = {
  readonly http: Http
  readonly signal: AbortSignal
  readonly deadlineMs: number
  readonly litellmKey: string | undefined
}

export type ServiceProbe = {
  /** Full look: version, and that the API is the one we speak. @throws ClientError */
  readonly discover: (context: ProbeContext) => Promise<{ readonly version: string | undefined }>
  /** The cheapest question that only a living service answers. @throws ClientError */
  readonly alive: (context: ProbeContext) => Promise<void>
}
