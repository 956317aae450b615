/**
 * A protocol fault: harm at a named edge of a twin's protocol. The same data that the twin's control port takes, so
 * that what works by hand works in a plan. The names of the points are generated from the twins
 * (`npm run -s fault-points`), so that a misspelt one is refused before anything is started.
 */
import { z } from 'zod'
import known from './fault-points.json' with { type: 'json' }

/** A point as the generated file has it. */
type KnownPoint = {
  readonly actions: readonly string[]
  readonly match?: readonly string[]
  readonly fails?: readonly string[]
}

const count = z.int().min(1).max(1_000_000)
const bytes = z.int().nonnegative()

/** 1000 to 1014 without the ones that never go over the wire, and the private ranges (RFC 6455, 7.4), as twins take. */
function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  )
}

/** Taken as it is: a record of the schema library leaves out `__proto__`, and a condition that is lost hits everything. */
const matchSchema = z.custom<Readonly<Record<string, string | number | boolean | null>>>(isMatch, {
  error: 'give facts with a string, number, boolean or null each',
})

function isMatch(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(
      (fact) => fact === null || ['string', 'number', 'boolean'].includes(typeof fact),
    )
  )
}

/** What is done at the point; docs/breaking-a-twin.md says what each does to requests, answers, messages and steps. */
const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop') }),
  /** Real milliseconds; `timeScale` does not touch them. */
  z.strictObject({ kind: z.literal('delay'), ms: z.number().nonnegative().max(86_400_000) }),
  z.strictObject({ kind: z.literal('duplicate'), times: count.max(1000).optional() }),
  z.strictObject({ kind: z.literal('reorder'), by: count.optional() }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.unknown().optional(),
    /** Not those that frame the message: connection, content-length, trailer, transfer-encoding, upgrade. */
    headers: z
      .record(
        z.string().regex(/^(?!(?:connection|content-length|trailer|transfer-encoding|upgrade)$)[\w-]+$/i),
        z.string().regex(/^[\t\x20-\x7e]*$/),
      )
      .optional(),
  }),
  z.strictObject({ kind: z.literal('cut'), afterBytes: bytes.optional() }),
  z.strictObject({ kind: z.literal('corrupt') }),
  z.strictObject({
    kind: z.literal('close'),
    code: z.int().refine(isCloseCode, 'is no WebSocket close code').optional(),
  }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('stall'), afterBytes: bytes.optional() }),
  z.strictObject({ kind: z.literal('fail'), as: z.string() }),
  /** The process ends by SIGKILL, or with this code; healing starts it again. */
  z.strictObject({ kind: z.literal('crash'), exitCode: z.int().min(0).max(255).optional() }),
])

export const protocolFaultSchema = z
  .strictObject({
    kind: z.literal('protocol'),
    /** Name of a point, or the beginning of several and `*`. */
    point: z.string(),
    action: actionSchema,
    /** Which passages are hit; without it, all. */
    when: z
      .strictObject({
        match: matchSchema.optional(),
        nth: count.optional(),
        every: count.optional(),
        probability: z.number().min(0).max(1).optional(),
        times: count.optional(),
      })
      .optional(),
  })
  .superRefine((fault, context) => {
    const problem = problemWith(fault)
    if (problem !== undefined) context.addIssue({ code: 'custom', ...problem })
  })
export type ProtocolFault = z.infer<typeof protocolFaultSchema>

/** The service whose twin has these points. `openai` is what stands behind the LiteLLM gateway. */
const ownerOfArea: Readonly<Record<string, string>> = {
  comfyui: 'comfyui',
  wan2gp: 'wan2gp',
  gradio: 'wan2gp',
  litellm: 'litellm',
  openai: 'litellm',
}

/** Which service of a topology a point belongs to. */
export function ownerOf(point: string): string | undefined {
  return ownerOfArea[areaOf(point)]
}

/** Whether the point is one of the upstream behind the gateway. */
export function isUpstreamPoint(point: string): boolean {
  return areaOf(point) === 'openai'
}

function areaOf(point: string): string {
  return point.split('.')[0] ?? ''
}

function problemWith(fault: {
  readonly point: string
  readonly action: { readonly kind: string; readonly as?: string }
  readonly when?: { readonly match?: Readonly<Record<string, unknown>> | undefined } | undefined
}): { path: string[]; message: string } | undefined {
  const all = known as Readonly<Record<string, KnownPoint>>
  const isNamed = (name: string): boolean =>
    fault.point.endsWith('*') ? name.startsWith(fault.point.slice(0, -1)) : name === fault.point
  const named = Object.entries(all).flatMap(([name, point]) => (isNamed(name) ? [point] : []))
  if (named.length === 0) {
    return { path: ['point'], message: `no point is called '${fault.point}'; see docs/fault-points.md` }
  }
  const { kind, as } = fault.action
  const takers = named.filter(({ actions }) => actions.includes(kind))
  if (takers.length === 0) {
    const possible = [...new Set(named.flatMap(({ actions }) => actions))].join(', ')
    return { path: ['action', 'kind'], message: `${fault.point} cannot '${kind}'; it takes ${possible}` }
  }
  const failures = takers.flatMap(({ fails = [] }) => fails)
  if (kind === 'fail' && !failures.includes(as ?? '')) {
    return {
      path: ['action', 'as'],
      message: `${fault.point} cannot fail as '${as}'; give ${failures.join(', ')}`,
    }
  }
  const facts = takers.flatMap(({ match = [] }) => match)
  const stray = Object.keys(fault.when?.match ?? {}).find((key) => !facts.includes(key))
  if (stray === undefined) return undefined
  return {
    path: ['when', 'match', stray],
    message: `${fault.point} has no such fact; see docs/fault-points.md`,
  }
}
