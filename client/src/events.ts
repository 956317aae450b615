/** What the client notices by itself and tells through `emit`. Plain data; nothing in the client depends on a reader. */
import type { ServiceName } from './endpoint.ts'

export type HealthState = 'HEALTHY' | 'UNHEALTHY'
export type ConnectionState = 'connecting' | 'connected' | 'disconnected' | 'reconnecting'

export type ClientEvent =
  /** The monitor changed its mind about a service, or about all of them together. */
  | {
      readonly type: 'health'
      readonly service: ServiceName | 'system'
      readonly state: HealthState
      readonly reason?: string
    }
  /** A long-lived connection (WebSocket, SSE) changed its state. */
  | { readonly type: 'connection'; readonly service: ServiceName; readonly state: ConnectionState }
  /** Something happened to a job between submit and result. */
  | {
      readonly type: 'job'
      readonly service: ServiceName
      readonly jobId: string
      readonly what: 'started' | 'progress' | 'resubmitted' | 'reconciled'
      /** 0..1, for `progress`. */
      readonly fraction?: number
      /** For `resubmitted`: the id that replaces `jobId`. */
      readonly newJobId?: string
    }

export type Emit = (event: ClientEvent) => void
