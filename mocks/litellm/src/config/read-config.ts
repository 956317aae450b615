/**
 * Reads `--config`, a file of the same shape as LiteLLM's own, so that one file drives the twin and the real proxy.
 * The YAML reader is loaded only then: a start without the flag must not pay for it.
 */
import { readFileSync } from 'node:fs'
import { TwinError } from '@squall/twin-kit'
import { type ConfigDocument, checkDocument, unhonouredKeys } from './schema.ts'

/** The checked document. @throws TwinError `bad-flag` when the file cannot be read or says what the twin cannot do. */
export async function readConfigFile(path: string, warn: (line: string) => void): Promise<ConfigDocument> {
  const { parse } = await import('yaml')
  const document = checkDocument(parsed(path, parse))
  if ('wrong' in document) throw unreadable(path, String(document.wrong), 'correct it')
  const unhonoured = unhonouredKeys(document)
  if (unhonoured.length > 0) warn(`${path}: the twin does not honour ${unhonoured.join(', ')}`)
  return document
}

function parsed(path: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error), 'give a YAML file')
  }
}

function unreadable(path: string, state: string, advice: string): TwinError {
  return new TwinError('bad-flag', `Cannot read the flags: --config ${path}: ${state}; ${advice}`)
}
