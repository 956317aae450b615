/** Finds a subject: by name in the `@squall/subjects` of the project, or by path. The harness imports no client. */
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, SquallError } from '../support/errors.ts'
import type { Subject } from '../workload/subject.ts'

/**
 * @param name `reference`, or the path of a file that exports `subject`.
 * @throws SquallError `no-subject`, with the names there are.
 */
export async function loadSubject(name: string, root: string = process.cwd()): Promise<Subject> {
  if (/^[./]|\.[cm]?[jt]s$/.test(name)) return await subjectOfFile(resolve(name))
  const module = await importSubjects(root)
  const subject = Object.hasOwn(module, name) ? module[name] : undefined
  if (isSubject(subject)) return subject
  const names = Object.keys(module).filter((key) => isSubject(module[key]))
  throw new SquallError(
    'no-subject',
    `Cannot use subject ${name}: it is unknown; use one of ${names.join(', ')}`,
  )
}

/** A client of one's own: a file that exports `subject`. */
async function subjectOfFile(path: string): Promise<Subject> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { subject?: unknown }
    if (isSubject(module.subject)) return module.subject
  } catch (error) {
    throw new SquallError('no-subject', `Cannot load subject ${path}: ${messageOf(error)}; correct it`, {
      cause: error,
    })
  }
  throw new SquallError(
    'no-subject',
    `Cannot use ${path}: it exports no "subject" with name and start; add it`,
  )
}

async function importSubjects(root: string): Promise<Record<string, unknown>> {
  let path: string
  try {
    path = createRequire(join(root, 'package.json')).resolve('@squall/subjects')
  } catch {
    throw new SquallError(
      'no-subject',
      'Cannot find @squall/subjects: it is not installed here; run this from a project that has it',
    )
  }
  return (await import(pathToFileURL(path).href)) as Record<string, unknown>
}

function isSubject(value: unknown): value is Subject {
  return typeof value === 'object' && value !== null && 'name' in value && 'start' in value
}
