/**
 * The flags of a fault kind, made from its schema, so that whatever a plan can say the command line can say too:
 * `graceMs` is `--grace 10s`, `headroomMb` is `--headroom-mb 0`, and what has parts is JSON. Whether the values are
 * good is for the schema to say.
 */
import type { ArgsDef } from 'citty'
import { z } from 'zod'
import { type FaultKind, faultSpecSchema } from '../spec/fault-plan.ts'
import { durationFlag } from './duration-flag.ts'
import { UsageError } from './usage-error.ts'

/** As far as zod's JSON schemas are looked at here. */
type Shape = {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly description?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly oneOf?: readonly Shape[]
  readonly anyOf?: readonly Shape[]
  readonly required?: readonly string[]
}

/** Flag by flag, for citty. */
export function faultFlags(kind: FaultKind): ArgsDef {
  const shape = shapeOf(kind)
  return Object.fromEntries(
    fieldsOf(shape).map(([name, field]) => {
      const need = shape.required?.includes(name) ? ['needed'] : []
      const fallback = field.default === undefined ? [] : [`default ${JSON.stringify(field.default)}`]
      const says = isTime(name) ? 'a time: 500ms, 30s, 2m' : describe(field)
      const description = [field.description ?? says, ...need, ...fallback].join('; ')
      const type = field.type === 'boolean' ? ('boolean' as const) : ('string' as const)
      return [flagOf(name), { type, description }]
    }),
  )
}

/** What the flags say, for the schema to check. @throws UsageError for JSON and times that cannot be read. */
export function faultFromFlags(kind: FaultKind, args: Readonly<Record<string, unknown>>): object {
  const given = fieldsOf(shapeOf(kind)).flatMap(([name, field]) => {
    const flag = flagOf(name)
    const value = args[flag]
    if (typeof value !== 'string') return value === undefined ? [] : [[name, value] as const]
    return [[name, isTime(name) ? durationFlag(flag, value) : read(field, flag, value)] as const]
  })
  return { kind, ...Object.fromEntries(given) }
}

function shapeOf(kind: FaultKind): Shape {
  const { oneOf = [] } = z.toJSONSchema(faultSpecSchema, { io: 'input', unrepresentable: 'any' }) as Shape
  const found = oneOf.find((shape) => shape.properties?.['kind']?.const === kind)
  if (found === undefined) throw new Error(`${kind} has no schema`)
  return found
}

function fieldsOf({ properties = {} }: Shape): [string, Shape][] {
  return Object.entries(properties).filter(([name]) => name !== 'kind')
}

function isTime(name: string): boolean {
  return name.endsWith('Ms')
}

/** `graceMs` is `grace`, `headroomMb` is `headroom-mb`. */
export function flagOf(name: string): string {
  return name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** JSON where it looks like it; else the first reading that one of the alternatives takes. */
function read(field: Shape, flag: string, text: string): unknown {
  if (/^[{["]/.test(text)) return parseJson(flag, text)
  const ways = alternatives(field)
  if (ways.some((way) => takesWord(way, text))) return text
  if (ways.some(isNumber) && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  if (ways.some((way) => way.properties?.['kind']?.const === text)) return { kind: text }
  return ways.some(({ type }) => type === 'array') ? text.split(',') : text
}

function parseJson(flag: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError(`Cannot use --${flag} ${text}: it is no JSON; put it in single quotes`)
  }
}

function alternatives(field: Shape): readonly Shape[] {
  return (field.oneOf ?? field.anyOf)?.flatMap(alternatives) ?? [field]
}

function takesWord({ type, enum: words, const: word }: Shape, text: string): boolean {
  if (word !== undefined) return word === text
  return words === undefined ? type === 'string' : words.includes(text)
}

function isNumber({ type }: Shape): boolean {
  return type === 'number' || type === 'integer'
}

function describe(field: Shape): string {
  const ways = alternatives(field)
  const [only] = ways
  if (only !== undefined && ways.length === 1) return describeOne(only)
  const words = ways
    .flatMap((way) => way.enum ?? [way.const ?? way.properties?.['kind']?.const])
    .filter(isText)
  const objects = ways.some((way) => way.type === 'object')
  return [
    ...(objects ? ['JSON'] : []),
    ...(words.length === 0 ? [] : [`${words.length === 1 ? 'the' : 'a'} word: ${words.join(', ')}`]),
    ...ways.flatMap((way) => listOf(way) ?? []),
  ].join(', or ')
}

function describeOne(shape: Shape): string {
  const list = listOf(shape)
  if (list !== undefined) return list
  if (shape.enum !== undefined) return shape.enum.join(', ')
  if (shape.type === 'object') return `JSON with ${Object.keys(shape.properties ?? {}).join(', ')}`
  if (!isNumber(shape)) return shape.type === 'string' ? 'text' : 'JSON'
  const range = [shape.minimum, shape.maximum].map((limit) => limit ?? '').join(' to ')
  return `${shape.type === 'integer' ? 'whole number' : 'number'}, ${range}`
}

/** As `read` takes it apart at its commas. */
function listOf({ type, items }: Shape): string | undefined {
  return type === 'array' && items?.enum ? `one or more of ${items.enum.join(',')}` : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
