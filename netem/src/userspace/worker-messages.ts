/** What the two threads of a shaper say to each other. */
import type { MessagePort } from 'node:worker_threads'
import type { NetemErrorCode } from '../errors.ts'
import type { StepDown, Way } from '../shaper.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'

export type WorkerStart = {
  readonly kind: 'shaper'
  readonly device: string
  readonly way: Way | undefined
  /** eventfd(2); the main thread adds to it to wake the worker. */
  readonly callFd: number
  readonly counters: SharedArrayBuffer
  readonly port: MessagePort
}

/** Main thread to worker. Each is answered once. */
export type WorkerCall =
  | { readonly kind: 'apply'; readonly impairments: readonly SettledImpairment[] }
  | { readonly kind: 'end' }

export type WorkerAnswer =
  | { readonly kind: 'done'; readonly way: Way | undefined; readonly steppedDown: readonly StepDown[] }
  | { readonly kind: 'refused'; readonly code: NetemErrorCode | undefined; readonly message: string }
