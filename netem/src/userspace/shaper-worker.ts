/**
 * The worker thread of a shaper: one lane per direction that an impairment concerns. Lanes are opened when they are
 * first needed and closed when they are not, so that a direction without impairment takes no detour.
 */
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { messageOf, NetemError } from '../errors.ts'
import { concerns, type SettledImpairment } from '../spec/settled-impairment.ts'
import { Counters } from './counters.ts'
import { DeviceCaptures } from './device-captures.ts'
import { Lane } from './lane.ts'
import { addressOf, read } from './libc.ts'
import { runPacketLoop } from './packet-loop.ts'
import type { WorkerAnswer, WorkerCall, WorkerStart } from './worker-messages.ts'

/** The program of the worker; returns when it was told to end. */
export function runShaperWorker(): void {
  const { device, way, callFd, counters, port } = workerData as WorkerStart
  const counted = new Counters(counters)
  const captures = new DeviceCaptures(device, way)
  const lanes = new Map<'in' | 'out', Lane>()
  const ticket = Buffer.alloc(8)

  const apply = (impairments: readonly SettledImpairment[]): void => {
    captures.require(impairments)
    const opened: Lane[] = []
    try {
      for (const direction of ['in', 'out'] as const) {
        if (lanes.has(direction) || !impairments.some((it) => concerns(it, direction))) continue
        const lane = new Lane(direction, captures.open(direction), counted)
        opened.push(lane)
        lanes.set(direction, lane)
      }
    } catch (error) {
      // All or nothing: half of what was asked for would pass for all of it.
      for (const lane of opened) close(lane)
      throw error
    }
    for (const lane of [...lanes.values()]) {
      if (impairments.some((it) => concerns(it, lane.direction))) lane.apply(impairments)
      else close(lane)
    }
  }
  const close = (lane: Lane): void => {
    lanes.delete(lane.direction)
    lane.heal()
    lane.close()
  }
  const answer = (it: WorkerAnswer): void => port.postMessage(it)
  const obey = (call: WorkerCall): void => {
    try {
      if (call.kind === 'apply') apply(call.impairments)
      else for (const lane of lanes.values()) lane.heal()
      answer({ kind: 'done', way: captures.way, steppedDown: captures.steppedDown })
    } catch (error) {
      const code = error instanceof NetemError ? error.code : undefined
      answer({ kind: 'refused', code, message: messageOf(error) })
    }
  }
  runPacketLoop(
    callFd,
    () => [...lanes.values()],
    () => {
      read(callFd, addressOf(ticket), ticket.length)
      for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
        const call = got.message as WorkerCall
        obey(call)
        if (call.kind === 'end') return 'stop'
      }
      return 'go on'
    },
  )
  for (const lane of lanes.values()) lane.close()
}
