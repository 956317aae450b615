/**
 * The token of the control port. It is given by the environment, or made up and left in a file that only the same
 * user can read: printing it would put a secret into every log.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TwinError } from '../errors.ts'

/** Variable that gives the token. */
const tokenVariable = 'SQUALL_CONTROL_TOKEN'

/** In the data folder. */
export const tokenFileName = 'control-token'

/** Shorter ones could be guessed. */
const tokenLengthMin = 16

/** A token, and where others find it if it was made up. */
export type ControlToken = { readonly token: string; readonly file?: string }

/** Reads or makes the token. Throws TwinError `bad-flag` for one that is too short. */
export function openControlToken(dataFolder: string, env: NodeJS.ProcessEnv): ControlToken {
  const given = env[tokenVariable]
  if (given !== undefined && given !== '') {
    if (given.length < tokenLengthMin) {
      throw new TwinError(
        'bad-flag',
        `Cannot use ${tokenVariable}: it is shorter than ${tokenLengthMin} characters; give a longer one or none`,
      )
    }
    return { token: given }
  }
  const token = randomBytes(24).toString('base64url')
  const file = join(dataFolder, tokenFileName)
  // A file of an earlier start may belong to somebody else or be readable by all; a new one never is.
  rmSync(file, { force: true })
  writeFileSync(file, token, { mode: 0o600, flag: 'wx' })
  return { token, file }
}

/** Whether an `Authorization` header carries the token. Takes the same time whatever it carries. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))
}
