/**
 * What this machine can do, tried out and not guessed: in a network namespace that is made for it and goes with this
 * thread. A namespace belongs to a thread, so nothing of the process is touched; a program started from here is in it.
 */
import { execFileSync } from 'node:child_process'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, NetemError } from '../errors.ts'
import { LifeLine } from '../kernel/life-line.ts'
import { tcFailure } from '../kernel/run-tc.ts'
import { rootHandle, rootNumber } from '../kernel/tc-plan.ts'
import { QueueCaptures } from '../queue/queue-captures.ts'
import type { Rung, Way } from '../shaper.ts'
import { whyNoBpf } from '../userspace/bpf.ts'
import { openDetour } from '../userspace/detour.ts'
import { lastError, unshare } from '../userspace/libc.ts'
import { newNetwork } from '../userspace/linux.ts'
import { openTap } from '../userspace/tap.ts'
import type { Finding, ProbeStart } from './probe.ts'

/** A device to be shaped: any Ethernet one will do, and a TAP can always be had where TUN is. */
const device = 'probe0'

/** Posts one finding per rung that was asked for. */
export function runProbeWorker(): void {
  const { rungs } = workerData as ProbeStart
  const isScratch = unshare(newNetwork) === 0
  const why = isScratch ? '' : lastError()
  const port = parentPort
  for (const rung of rungs) port?.postMessage(isScratch ? findOut(rung) : unknown(rung, why))
}

function findOut(rung: Rung): Finding {
  try {
    if (rung === 'kernel') return { rung, can: 'yes', takesSeed: tryKernel(), failsOpen: tryLifeLine() }
    return { rung, can: 'yes', takesSeed: true, failsOpen: true, ...tryUserspace() }
  } catch (error) {
    const { code, message } =
      error instanceof NetemError ? error : new NetemError('system-call', String(error))
    return { rung, can: 'no', code, reason: message }
  }
}

/** Without a namespace of its own the only trial would be the real thing. */
function unknown(rung: Rung, why: string): Finding {
  return { rung, can: 'unknown', reason: `no namespace to try it in: the kernel says ${why}` }
}

/** Returns whether netem takes a seed. @throws NetemError */
function tryKernel(): boolean {
  const add = (...words: string[]) =>
    execFileSync('tc', ['qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms', ...words], {
      stdio: 'pipe',
    })
  try {
    add('seed', '1')
    return true
  } catch {
    try {
      add()
      return false
    } catch (cause) {
      throw tcFailure("use the kernel's netem", cause)
    }
  }
}

/** Whether the kernel rung can have a filter that lets packets pass when its agent is gone. */
function tryLifeLine(): boolean {
  const tc = (...words: string[]) => execFileSync('tc', ['qdisc', ...words], { stdio: 'pipe' })
  try {
    tc('del', 'dev', 'lo', 'root')
    tc('add', 'dev', 'lo', 'root', 'handle', rootHandle, 'prio')
    const lifeLine = new LifeLine()
    try {
      lifeLine.attach([{ device: 'lo', classId: rootNumber + 1 }])
      return true
    } finally {
      lifeLine.close()
    }
  } catch {
    return false
  }
}

/** @throws NetemError */
function tryUserspace(): { readonly way: Way; readonly reason?: string } {
  const refusal = whyNoBpf()
  if (refusal !== undefined) return tryQueue(refusal)
  const tap = openTap(device, device, 1500)
  try {
    const detour = openDetour(device, 'out')
    detour.close()
    return { way: detour.way }
  } finally {
    tap.close()
  }
}

/** A queue takes packets of any device, and this one is in every namespace. @throws NetemError with both reasons */
function tryQueue(refusal: NetemError): { readonly way: Way; readonly reason: string } {
  try {
    new QueueCaptures('lo').open('in').close()
    return { way: 'nfqueue', reason: refusal.message }
  } catch (error) {
    throw new NetemError(refusal.code, `${refusal.message}; ${messageOf(error)}`, { cause: error })
  }
}
