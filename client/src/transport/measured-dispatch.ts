/**
 * An undici interceptor that times the acquisition of a connection. `onRequestStart` is called by the HTTP/1 writer of
 * the connection that took the request, right before its head is written (read in undici 8.12, client-h1), and belongs
 * to one pool; the diagnostics channels say the same but for every pool of the process at once.
 */
import type { Dispatcher } from 'undici'
import { now } from './clock.ts'
import type { Measurements } from './measurements.ts'

export function measured(measurements: Measurements): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const wantedAt = now()
    return dispatch(options, {
      onRequestStart(controller, context) {
        measurements.requestSent(now() - wantedAt)
        handler.onRequestStart?.(controller, context)
      },
      onRequestUpgrade: (controller, status, headers, socket) =>
        handler.onRequestUpgrade?.(controller, status, headers, socket),
      onResponseStart: (controller, status, headers, message) =>
        handler.onResponseStart?.(controller, status, headers, message),
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
    })
  }
}
