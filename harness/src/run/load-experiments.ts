/**
 * Experiments from files: TypeScript that exports `experiment`, or YAML and JSON through the same schema.
 * A folder gives every experiment in it, by name.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse as parseYaml } from 'yaml'
import type { Experiment } from '../spec/experiment.ts'
import { validateExperiment } from '../spec/validate.ts'
import { withDeadline } from '../support/deadline.ts'
import { messageOf, SquallError } from '../support/errors.ts'

const extensions = ['.ts', '.mts', '.js', '.mjs', '.yaml', '.yml', '.json']

/** An experiment is a page of text. */
const bytesMax = 2 ** 20
const loadMsMax = 20_000

/** @throws SquallError `no-experiment`, InvalidExperiment: with the file's name, before anything is started. */
export async function loadExperiments(path: string): Promise<Experiment[]> {
  const files = filesAt(path)
  const experiments: Experiment[] = []
  for (const file of files) experiments.push(validateExperiment(await readInput(file), file))
  return experiments
}

function filesAt(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined)
    throw new SquallError('no-experiment', `Cannot read ${path}: there is no such file; name an experiment`)
  if (!stats.isDirectory()) {
    if (!stats.isFile() || stats.size > bytesMax) {
      throw new SquallError(
        'no-experiment',
        `Cannot read ${path}: not a file of at most 1 MiB; name an experiment`,
      )
    }
    if (isTest(path)) {
      throw new SquallError(
        'no-experiment',
        `Cannot run ${path}: it is a test; run it with npm test -- ${path}`,
      )
    }
    if (extensions.includes(extname(path))) return [path]
    throw new SquallError(
      'no-experiment',
      `Cannot read ${path}: not one of ${extensions.join(' ')}; rename or convert it`,
    )
  }
  const files = readdirSync(path)
    .filter((name) => extensions.includes(extname(name)) && !isTest(name))
    .sort()
    .map((name) => join(path, name))
  if (files.length === 0)
    throw new SquallError(
      'no-experiment',
      `Cannot find an experiment in ${path}: it holds none of ${extensions.join(' ')}`,
    )
  return files
}

function isTest(name: string): boolean {
  return /\.test\.\w+$/.test(name)
}

async function readInput(file: string): Promise<unknown> {
  try {
    const extension = extname(file)
    if (extension === '.yaml' || extension === '.yml') return parseYaml(readFileSync(file, 'utf8'))
    if (extension === '.json') return JSON.parse(readFileSync(file, 'utf8'))
    const loading = import(pathToFileURL(resolve(file)).href) as Promise<{ experiment?: unknown }>
    const module = await withDeadline(loadMsMax, 'load it', () => loading)
    if (module.experiment !== undefined) return module.experiment
  } catch (error) {
    throw new SquallError(
      'no-experiment',
      `Cannot read ${file}: ${messageOf(error)}; correct it and run it again`,
      { cause: error },
    )
  }
  throw new SquallError(
    'no-experiment',
    `Cannot use ${file}: it exports no "experiment"; add "export const experiment = defineExperiment(...)"`,
  )
}
