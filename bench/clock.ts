/** The one place of the benchmarks that waits for time: between two looks at something that is not ready. */

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
