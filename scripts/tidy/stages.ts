/**
 * Imports inside the harness point one way: a stage may import earlier stages only, so that each can be read,
 * tested and replaced with nothing but what stands before it.
 */
import type { Rule } from './rule.ts'
import type { Import } from './source.ts'

const all = ['spec', 'environment', 'services', 'faults', 'workload', 'history', 'verdict', 'report', 'run']

/** Stage -> stages it may import besides itself and `support`. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  support: [],
  spec: [],
  environment: ['spec'],
  services: ['spec', 'environment'],
  faults: ['spec', 'environment', 'services'],
  workload: ['spec'],
  history: ['spec'],
  verdict: ['spec', 'history'],
  report: ['spec', 'history', 'verdict'],
  run: all,
  vitest: ['run', 'spec', 'report', 'index.ts'],
  cli: [...all, 'index.ts'],
}

/**
 * Types only: the history describes what other stages tell it, so it may know the shape of their events, and
 * fixtures name what they give.
 */
const allowedTypes: Readonly<Record<string, readonly string[]>> = {
  history: ['services', 'faults', 'workload'],
  vitest: all,
}

export const stages: Rule = {
  name: 'stages',
  written: 'ARCHITECTURE.md, import table',
  find(file) {
    const stage = stageOf(file.path)
    if (stage === undefined || stage === 'index.ts') return []
    const known = allowed[stage]
    if (known === undefined) {
      const message = `${stage}/ is no stage; put the file into one of ${Object.keys(allowed).join(', ')}`
      return [{ line: 1, message }]
    }
    const bad = (used: Import) => {
      const target = stageOf(used.from)
      if (target === undefined || target === stage || target === 'support' || known.includes(target))
        return false
      return !(used.typeOnly && allowedTypes[stage]?.includes(target))
    }
    return file.imports.filter(bad).map((used) => ({
      line: used.line,
      message:
        `${stage}/ may not import ${stageOf(used.from)}/; ` +
        `it may import ${['support', ...known].join(', ')}: move the code to the earlier stage or pass it in from run/`,
    }))
  },
}

/** `harness/src/<stage>/...` -> stage; a file directly in `src` -> its name. */
function stageOf(file: string): string | undefined {
  return /^harness\/src\/([^/]+)/.exec(file)?.[1]
}
