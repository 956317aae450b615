/**
 * The shapes of jitter: tables of 4096 deviations, in units of 1/8192 of the jitter, computed as iproute2 computes
 * its `.dist` files (netem/normal.c, pareto.c, paretonormal.c, which come from NISTnet and are in the public domain;
 * all make 16384 entries and print every fourth). The test compares them with the files of the installed iproute2.
 *
 * normal.c walks over a grid of 0.00005 and keeps the last x of each cell; here the cell's edge is computed and put
 * on that grid.
 */
import type { Distribution } from '../spec/impairment.ts'
import { inverseNormal } from './inverse-normal.ts'

/** NETEM_DIST_SCALE of linux/pkt_sched.h. */
export const distributionScale = 8192

const fineSize = 16_384
const step = 4
const size = fineSize / step
const gridStep = 0.000_05
const gridStart = -10

/** pareto.c and paretonormal.c: exponent; its mean is 1.5 and its deviation 3/4 then. */
const paretoExponent = 3

const int16Min = -32_768
const int16Max = 32_767

/** Undefined for `uniform`, which netem draws without a table. */
export function tableOf(distribution: Distribution): Int16Array | undefined {
  switch (distribution) {
    case 'uniform':
      return undefined
    case 'normal':
      return Int16Array.from({ length: size }, (_, index) => clamp(normalValue(index * step)))
    case 'pareto':
      return Int16Array.from({ length: size }, (_, index) => paretoValue(index * step))
    case 'paretonormal':
      return Int16Array.from({ length: size }, (_, index) => mixedValue(index * step))
  }
}

/** Not clamped: paretonormal.c mixes before it clamps. */
function normalValue(index: number): number {
  const edge = inverseNormal((index + 0.5) / fineSize)
  const onGrid = gridStart + Math.floor((edge - gridStart) / gridStep) * gridStep
  return roundHalfEven(onGrid * distributionScale)
}

function paretoValue(index: number): number {
  const value = (1 / ((fineSize - index) / fineSize) ** (1 / paretoExponent) - 1.5) * (4 / 3)
  return roundHalfEven(Math.min(value * distributionScale, int16Max))
}

/** A quarter normal, three quarters pareto; C divides towards zero. */
function mixedValue(index: number): number {
  return clamp(Math.trunc((normalValue(index) + 3 * paretoValue(index)) / 4))
}

function clamp(value: number): number {
  return Math.min(int16Max, Math.max(int16Min, value))
}

/** C's rint. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  if (value - below !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}
