/**
 * Routing over node:http: exact segments and `:name` parameters, first match wins within a path's length.
 * No middleware, no wildcards. What to do with an unknown path or method differs per real server, so the
 * fallback decides and is told which methods the path would have allowed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { edgeNames, passRequest, watchAnswer } from './faults/http-faults.ts'
import type { TwinContext } from './twin.ts'

/** One request that matched a route. */
export type Call = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Decoded `:name` segments; an encoded slash stays inside its segment. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}

/** A route. `path` is like `/history/:id`; a trailing slash matters. HEAD is not implied by GET. */
export type Route = {
  readonly method: string
  readonly path: string
  /** Fault point of the request, `<twin>.http.<edge>`; the answer passes `<twin>.answer.<edge>`. */
  readonly point?: string
  readonly handle: (call: Call) => void | Promise<void>
}

/** Called when nothing matched; `allowed` lists the methods of that path (empty = unknown path). */
export type Fallback = (
  request: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
) => void | Promise<void>

type Compiled = { readonly route: Route; readonly segments: readonly string[] }

/** What fault points need to know. */
export type FaultContext = Pick<TwinContext, 'faults' | 'clock'>

/** Builds the handler. A path that cannot be decoded counts as unknown. */
export function router(
  context: FaultContext,
  routes: readonly Route[],
  fallback: Fallback,
): (request: IncomingMessage, response: ServerResponse) => void | Promise<void> {
  const byLength = Map.groupBy(
    routes.map((route): Compiled => ({ route, segments: route.path.split('/') })),
    (compiled) => compiled.segments.length,
  )
  return (request, response) => {
    const [rawPath = '/', ...rest] = (request.url ?? '/').split('?')
    const segments = decodeSegments(rawPath)
    const matches = (byLength.get(segments.length) ?? []).filter((one) => fits(one.segments, segments))
    const match = matches.find(({ route }) => route.method === request.method)
    if (match === undefined) {
      return fallback(
        request,
        response,
        matches.map(({ route }) => route.method),
      )
    }
    const query = new URLSearchParams(rest.join('?'))
    const call: Call = { request, response, params: paramsOf(match.segments, segments), query }
    const { point, handle } = match.route
    return point === undefined ? handle(call) : throughFaults(context, point, call, () => handle(call))
  }
}

/** Runs `handle` between the two fault points of an HTTP edge. `point` is the request's. */
export function throughFaults(
  { faults, clock }: FaultContext,
  point: string,
  call: Pick<Call, 'request' | 'response'>,
  handle: () => void | Promise<void>,
): void | Promise<void> {
  const { answer } = edgeNames(point)
  watchAnswer(faults, clock, answer, call)
  if (!faults.covers(point)) return handle()
  return passRequest(faults, clock, point, call).then((isPassed) => (isPassed ? handle() : undefined))
}

function decodeSegments(path: string): readonly string[] {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}

/** Whether a path of the same length matches. A parameter takes anything but nothing. */
function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.every((expected, index) =>
    expected.startsWith(':') ? segments[index] !== '' : segments[index] === expected,
  )
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> {
  const named = [...pattern.entries()].filter(([, expected]) => expected.startsWith(':'))
  return Object.fromEntries(named.map(([index, name]) => [name.slice(1), segments[index] ?? '']))
}
