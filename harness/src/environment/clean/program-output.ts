/** What a program of the system prints. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { codeOf } from '../../support/errors.ts'

const programMsMax = 2000

/** @throws Error that says which program is missing or was not allowed. */
export async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: programMsMax })
    return stdout
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new Error(`${program} is not installed`, { cause: error })
    throw new Error(`${program} was refused or failed`, { cause: error })
  }
}

/** The lines that say something. */
export function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}
