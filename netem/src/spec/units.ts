/**
 * The units of tc: how it reads times, rates, sizes and percentages (iproute2 lib/utils.c, get_time, get_rate64,
 * get_size, parse_percent), and how we write them back so that nothing is lost.
 */

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`
const quantity = new RegExp(`^(${number})([a-z%]*)$`, 'i')

/** ms per unit. A bare number is in microseconds, as in tc. */
const times: Readonly<Record<string, number>> = {
  '': 1e-3,
  s: 1e3,
  sec: 1e3,
  secs: 1e3,
  ms: 1,
  msec: 1,
  msecs: 1,
  us: 1e-3,
  usec: 1e-3,
  usecs: 1e-3,
  ns: 1e-6,
  nsec: 1e-6,
  nsecs: 1e-6,
}

/** Bytes per unit; tc's k is 1024. */
const sizes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  kb: 2 ** 10,
  m: 2 ** 20,
  mb: 2 ** 20,
  g: 2 ** 30,
  gb: 2 ** 30,
}

/** bit/s per unit: SI and IEC prefixes, bits or (`bps`) bytes. A bare number is in bit/s. */
const rates: Readonly<Record<string, number>> = Object.fromEntries([
  ['', 1],
  ...['', 'k', 'm', 'g', 't'].flatMap((prefix, power) =>
    [[prefix, 1000 ** power], ...(prefix === '' ? [] : [[`${prefix}i`, 1024 ** power] as const])].flatMap(
      ([name, factor]) => [
        [`${name}bit`, Number(factor)],
        [`${name}bps`, Number(factor) * 8],
      ],
    ),
  ),
])

/** Each reader gives undefined for what it cannot read. */
export const readMs = (text: string): number | undefined => read(text, times)
export const readBytes = (text: string): number | undefined => read(text, sizes)
export const readBitsPerSecond = (text: string): number | undefined => read(text, rates)
/** "1%" and, as in tc, "1" are one percent. */
export const readPercent = (text: string): number | undefined => read(text, { '': 1, '%': 1 })
export const readNumber = (text: string): number | undefined => read(text, { '': 1 })

/** True for what tc takes as the next value and not as the next word. */
export const looksLikeNumber = (text: string | undefined): boolean => /^[+-]?\.?\d/.test(text ?? '')

export const writeMs = (ms: number): string => `${ms}ms`
export const writePercent = (percent: number): string => `${percent}%`
export const writeBitsPerSecond = (bits: number): string => `${bits}bit`
export const writeBytes = (bytes: number): string => `${bytes}b`

function read(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, value, unit] = quantity.exec(text) ?? []
  if (value === undefined || unit === undefined) return undefined
  const lower = unit.toLowerCase()
  return Object.hasOwn(units, lower) ? Number(value) * (units[lower] ?? Number.NaN) : undefined
}
