/** The lines that the agent reads: JSON, one request each. Impairments are objects or netem's text. */
import * as v from 'valibot'
import { NetemError } from '../errors.ts'
import type { Impairment } from '../spec/impairment.ts'
import { parseImpairmentText } from '../spec/parse-text.ts'
import { parseImpairment } from '../spec/validate.ts'

export type AgentRequest =
  /** From now on these are in force, instead of those before. An empty list heals. */
  | { readonly do: 'apply'; readonly impairments: readonly Impairment[] }
  /** Tell the counters. */
  | { readonly do: 'report' }

const requestSchema = v.variant('do', [
  v.strictObject({ do: v.literal('apply'), impairments: v.array(v.unknown()) }),
  v.strictObject({ do: v.literal('report') }),
])

/** @throws NetemError `bad-usage` or `bad-impairment` */
export function parseRequest(line: string): AgentRequest {
  const parsed = v.safeParse(requestSchema, parseJson(line))
  if (!parsed.success) {
    throw new NetemError(
      'bad-usage',
      `Cannot read request ${line.slice(0, 80)}: ${parsed.issues[0].message}; ` +
        'use {"do":"apply","impairments":["delay 100ms"]} or {"do":"report"}',
    )
  }
  const request = parsed.output
  if (request.do === 'report') return request
  return { do: 'apply', impairments: request.impairments.map(readImpairment) }
}

function readImpairment(it: unknown): Impairment {
  return typeof it === 'string' ? parseImpairmentText(it) : parseImpairment(it)
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
