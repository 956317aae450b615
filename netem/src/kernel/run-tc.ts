/** Running tc and ip, and what their failures mean. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf, NetemError } from '../errors.ts'
import type { Command } from './tc-plan.ts'

const run = promisify(execFile)

/** Long for a busy machine; tc itself takes 2 ms. */
const commandMsMax = 10_000

/** Its output. @throws NetemError that says what the program said, and what to do where that is known */
export async function runTc([program, ...args]: Command): Promise<string> {
  try {
    const { stdout } = await run(program, args, { timeout: commandMsMax })
    return stdout
  } catch (cause) {
    throw tcFailure(`run ${program} ${args.join(' ')}`, cause)
  }
}

export function tcFailure(doing: string, cause: unknown): NetemError {
  const { code, stderr } = cause as { readonly code?: unknown; readonly stderr?: string | Buffer }
  const said = (stderr?.toString() ?? '').trim().replaceAll(/\s*\n\s*/g, ' ') || messageOf(cause)
  const fail = (kind: NetemError['code'], advice: string) =>
    new NetemError(kind, `Cannot ${doing}: ${said}${advice}`, { cause })
  if (code === 'ENOENT') {
    return new NetemError('unsupported', `Cannot ${doing}: there is no such program; install iproute2`, {
      cause,
    })
  }
  // What tc says of a kind of qdisc, filter or device that the kernel lacks.
  if (/kind is unknown|Unknown device type|not supported|No such file or directory/.test(said)) {
    return fail('unsupported', '; the kernel lacks it, or its module is not loaded')
  }
  if (/Operation not permitted/.test(said)) return fail('no-permission', '; the process needs CAP_NET_ADMIN')
  if (/File exists|Exclusivity flag on|NLM_F_REPLACE needed/.test(said)) {
    return fail('already-shaped', '; another qdisc is on the device, remove it or end the other shaper first')
  }
  return fail('system-call', '')
}
