/** Errors that a client sees as Python exceptions: a type name, a message, never a JavaScript stack. */

import { GpuOutOfMemory, PythonFloat, stringifyPython } from '@squall/twin-kit'
import { outOfMemoryText } from './gpu-memory.ts'

/** Raised by validation and by nodes where the real server raises `type`. */
export class PythonError extends Error {
  readonly type: string
  /** Innermost places of the traceback, as far as they are known. */
  readonly places: readonly TracebackPlace[]

  constructor(type: string, message: string, places: readonly TracebackPlace[] = []) {
    super(message)
    this.name = 'PythonError'
    this.type = type
    this.places = places
  }
}

/** The GPU's own out-of-memory error. */
export const outOfMemoryType = 'torch.OutOfMemoryError'

/** One line of a traceback. A file without a folder is one of the server's own. */
export type TracebackPlace = readonly [file: string, line: number, name: string]

/**
 * A failure of the machine as Python reports it (a full disk, a missing folder, a full GPU); undefined for anything
 * else, which is then a bug of the twin.
 */
export function pythonSystemError(error: unknown): PythonError | undefined {
  if (error instanceof GpuOutOfMemory) return new PythonError(outOfMemoryType, outOfMemoryText(error))
  if (!(error instanceof Error) || !('errno' in error) || !('code' in error)) return undefined
  const { errno, message } = error as NodeJS.ErrnoException
  const type = systemErrorTypes[String(error.code)] ?? 'OSError'
  const [reason = message] = /(?<=: ).*?(?=,|$)/.exec(message) ?? []
  return new PythonError(type, `[Errno ${-(errno ?? 0)}] ${reason.charAt(0).toUpperCase()}${reason.slice(1)}`)
}

const systemErrorTypes: Readonly<Record<string, string>> = {
  ENOENT: 'FileNotFoundError',
  EACCES: 'PermissionError',
  EPERM: 'PermissionError',
  EISDIR: 'IsADirectoryError',
  ENOTDIR: 'NotADirectoryError',
}

/** Spells a JSON value as Python's `str()` does inside messages: `None`, `True`, bare text. */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : pythonRepr(value)
}

/** Spells a JSON value as Python's `repr()` does: like `str()`, but texts are quoted. */
export function pythonRepr(value: unknown): string {
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (typeof value === 'object' && value !== null && !(value instanceof PythonFloat)) {
    const members = Object.entries(value).map(([key, member]) => `${pythonRepr(key)}: ${pythonRepr(member)}`)
    return `{${members.join(', ')}}`
  }
  if (value === null || value === undefined || typeof value === 'boolean') return pythonText(value)
  return stringifyPython(value)
}

/** Python's name of a JSON value's type. */
export function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return Array.isArray(value) ? 'list' : 'dict'
}

/** The `traceback` field. The golden transcripts have their source lines removed, so only the places are given. */
export function pythonTraceback(...places: readonly TracebackPlace[]): string[] {
  return places.map(([file, line, name]) => {
    const path = file.startsWith('/') ? file : `/comfyui/${file}`
    return `  File "${path}", line ${line}, in ${name}\n`
  })
}
