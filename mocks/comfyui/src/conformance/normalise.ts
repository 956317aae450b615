/**
 * Takes out of a message what differs between any two runs: ids, times, file counters, random prefixes, facts of the
 * machine, the order of what Python keeps in sets. Tooltips are left out too: the recorded facts the twin is built on have none. What is
 * left must be equal.
 */
import { PythonFloat } from '@squall/twin-kit'

/** Memory of one side (recording or live) while its messages are normalised in order. */
export type Normaliser = (value: unknown) => unknown

const timeKeys = new Set([
  'timestamp',
  'create_time',
  'execution_start_time',
  'execution_end_time',
  'modified',
  'created',
])

/** What belongs to the machine and its installation: the recorded one had no GPU and few optional packages. */
const machineKeys = new Set([
  'ram_total',
  'ram_free',
  'installed',
  'installed_templates_version',
  'pytorch_version',
  'argv',
  'devices',
])

/** Lists that the real server builds from sets. */
const setKeys = new Set([
  'executed',
  'current_outputs',
  'nodes',
  'errors',
  'cycle_nodes',
  'dependent_outputs',
  // Sorted by creation time on both sides, but several prompts may fall into one millisecond.
  'jobs',
])

/** Builds the memory of one side. `replace` maps texts of this run to those of the other, longest first. */
export function createNormaliser(
  replacements: () => Iterable<readonly [from: string, to: string]>,
): Normaliser {
  const firstNumbers = new Map<string, number>()
  const text = (given: string): string => {
    let shown = given
    for (const [from, to] of replacements()) shown = shown.replaceAll(from, to)
    if (/^\d{10}\.\d{6}$/.test(shown)) return '<now>'
    if (shown.startsWith('tensor(')) return '<tensor>'
    return shown
      .replace(/\n {4}<source line removed>/, '')
      .replace(/ComfyUI_temp_[a-z]{5}_/, 'ComfyUI_temp_?_')
      .replace(/^bob_[0-9a-f-]{36}$/, 'bob_<uuid>')
      .replace(/^[0-9a-f]{32}$/, '<client id>')
      .replace(/^(.+)_(\d{5})_(\.\w+)$/, (_, prefix: string, digits: string, extension: string) => {
        const first = firstNumbers.get(prefix) ?? Number(digits)
        firstNumbers.set(prefix, first)
        return `${prefix}_<${Number(digits) - first}>_${extension}`
      })
  }
  const walk = (value: unknown, key = ''): unknown => {
    if (machineKeys.has(key)) return '<machine>'
    if (typeof value === 'string') return key === 'details' ? sortedLines(text(value)) : text(value)
    if (timeKeys.has(key) && typeof value === 'number') return '<time>'
    if (typeof value === 'bigint') return `${value}`
    if (value instanceof PythonFloat) return `float ${value.value}`
    if (Array.isArray(value)) return list(value, key)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value)
      .filter(([name]) => name !== 'tooltip')
      .map(([name, member]) => [text(name), walk(member, name)] as const)
    return Object.fromEntries(members.toSorted(byName))
  }
  const list = (value: readonly unknown[], key: string): unknown[] => {
    const items = value.map((item) => walk(item))
    if (setKeys.has(key)) return sorted(items)
    // A queue item: its last element is the set of outputs to execute.
    if (items.length === 5 && Array.isArray(items[4]) && typeof items[1] === 'string') {
      return [...items.slice(0, 4), sorted(items[4])]
    }
    return items
  }
  return (value) => walk(value)
}

function sorted(items: readonly unknown[]): unknown[] {
  return items.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1
}

function sortedLines(text: string): string {
  return text.split('\n').toSorted().join('\n')
}
