/** Many packets through one model, for tests: what happened to each, and whether a share is what was asked for. */
import type { Impairment } from '../spec/impairment.ts'
import { parseImpairmentText } from '../spec/parse-text.ts'
import { PacketModel } from './packet-model.ts'

export type Packet = {
  readonly isLost: boolean
  readonly isDuplicated: boolean
  readonly isCorrupted: boolean
  readonly isReordered: boolean
  /** Undefined for lost ones. */
  readonly delayMs: number | undefined
}

/** `count` packets of 1000 bytes, far enough apart that none waits for another. */
export function drawPackets(text: string, count: number, seed = 1): Packet[] {
  const impairment: Impairment = parseImpairmentText(text)
  const model = new PacketModel(impairment, seed, 'out')
  return Array.from({ length: count }, (_, index) => {
    const nowMs = index * 10_000
    const isLost = model.arrive(0, false) === 'lost'
    const { isDuplicated, isCorrupted } = model
    const delayMs = isLost ? undefined : model.schedule(1000, nowMs) - nowMs
    return { isLost, isDuplicated, isCorrupted, isReordered: !isLost && model.isReordered, delayMs }
  })
}

/** How far a share of `count` draws is from the expected one, in standard errors of independent draws. */
export function sigmasOff(hits: number, count: number, expected: number): number {
  return Math.abs(hits / count - expected) / Math.sqrt((expected * (1 - expected)) / count)
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

/** Lengths of the runs of lost packets. */
export function burstsOf(packets: readonly Packet[]): number[] {
  const bursts: number[] = []
  let length = 0
  for (const { isLost } of packets) {
    if (isLost) length += 1
    else if (length > 0) {
      bursts.push(length)
      length = 0
    }
  }
  return length > 0 ? [...bursts, length] : bursts
}
