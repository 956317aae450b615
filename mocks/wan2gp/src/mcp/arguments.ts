/**
 * Arguments of tools: their JSON schema as FastMCP derives it from a Python signature, and the text of pydantic when
 * they do not fit. Measured on `mcp` 1.10.1, which Wan2GP pins.
 */

/** Python types of parameters. `source` is "a dictionary or a list of dictionaries". */
type ParameterType = 'str' | 'int' | 'float' | 'bool' | 'dict' | 'source'

/** One parameter. Without a default it is required; with `null` it may be null. */
export type Parameter = { readonly type: ParameterType; readonly default?: unknown }

/** Parameters by name, in order. */
export type Parameters = Readonly<Record<string, Parameter>>

/** Arguments that fit. */
export type Arguments = Readonly<Record<string, unknown>>

/** `inputSchema` of a tool. */
export function inputSchema(tool: string, parameters: Parameters): Record<string, unknown> {
  const properties = Object.entries(parameters).map(([name, parameter]) => {
    const title = name.replace(
      /(^|_)(.)/g,
      (_, gap: string, letter: string) => (gap === '' ? '' : ' ') + letter.toUpperCase(),
    )
    const base = schemas[parameter.type]
    if (!('default' in parameter)) return [name, { ...base, title }]
    const type = parameter.default === null ? { anyOf: [base, { type: 'null' }] } : base
    return [name, { ...type, default: parameter.default, title }]
  })
  const required = Object.keys(parameters).filter((name) => !('default' in (parameters[name] ?? {})))
  return {
    properties: Object.fromEntries(properties) as unknown,
    ...(required.length > 0 ? { required } : {}),
    title: `${tool}Arguments`,
    type: 'object',
  }
}

const dictSchema = { additionalProperties: true, type: 'object' }
const schemas: Readonly<Record<ParameterType, Record<string, unknown>>> = {
  str: { type: 'string' },
  int: { type: 'integer' },
  float: { type: 'number' },
  bool: { type: 'boolean' },
  dict: dictSchema,
  source: { anyOf: [dictSchema, { items: dictSchema, type: 'array' }] },
}

type Misfit = { readonly place: string; readonly msg: string; readonly type: string; readonly input: unknown }

/** The arguments with defaults filled in, or pydantic's text. */
export function readArguments(
  tool: string,
  parameters: Parameters,
  given: Arguments,
): { readonly values: Arguments } | { readonly text: string } {
  const misfits: Misfit[] = []
  const values = Object.entries(parameters).map(([name, parameter]) => {
    const value = given[name]
    const hasDefault = 'default' in parameter
    if (value === undefined && hasDefault) return [name, parameter.default]
    if (value === undefined)
      misfits.push({ place: name, msg: 'Field required', type: 'missing', input: given })
    else if (!(value === null && hasDefault && parameter.default === null)) {
      misfits.push(...misfitsOf(name, parameter.type, value))
    }
    return [name, value]
  })
  if (misfits.length === 0) return { values: Object.fromEntries(values) as Arguments }
  const head = `${misfits.length} validation error${misfits.length > 1 ? 's' : ''} for ${tool}Arguments`
  return { text: [head, ...misfits.map(lineOf)].join('\n') }
}

function misfitsOf(name: string, type: ParameterType, value: unknown): readonly Misfit[] {
  const misfit = (msg: string, kind: string, place = name): Misfit => ({
    place,
    msg,
    type: kind,
    input: value,
  })
  const isDict = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'str')
    return typeof value === 'string' ? [] : [misfit('Input should be a valid string', 'string_type')]
  if (type === 'bool')
    return typeof value === 'boolean' ? [] : [misfit('Input should be a valid boolean', 'bool_type')]
  if (type === 'int')
    return Number.isInteger(value) ? [] : [misfit('Input should be a valid integer', 'int_type')]
  if (type === 'float')
    return typeof value === 'number' ? [] : [misfit('Input should be a valid number', 'float_type')]
  if (isDict) return []
  if (type === 'dict') return [misfit('Input should be a valid dictionary', 'dict_type')]
  if (Array.isArray(value)) return []
  return [
    misfit('Input should be a valid dictionary', 'dict_type', `${name}.dict[str,any]`),
    misfit('Input should be a valid list', 'list_type', `${name}.list[dict[str,any]]`),
  ]
}

function lineOf({ place, msg, type, input }: Misfit): string {
  const value = inPython(input)
  const shown = value.length > 50 ? `${value.slice(0, 25)}...${value.slice(-24)}` : value
  const about = `[type=${type}, input_value=${shown}, input_type=${pythonType(input)}]`
  return `${place}\n  ${msg} ${about}\n    For further information visit https://errors.pydantic.dev/2.11/v/${type}`
}

/** `repr()` of a JSON value. */
function inPython(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(inPython).join(', ')}]`
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'None'
  return `{${Object.entries(value)
    .map(([key, member]) => `'${key}': ${inPython(member)}`)
    .join(', ')}}`
}

function pythonType(value: unknown): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return Array.isArray(value) ? 'list' : 'dict'
}
