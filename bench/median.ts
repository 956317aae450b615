/** The middle value, and the spread around it, of a handful of measurements. */
export type Spread = {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const median =
    sorted.length % 2 === 1
      ? sorted[Math.floor(middle)]
      : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
  return { median: median ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, rounds: values.length }
}
