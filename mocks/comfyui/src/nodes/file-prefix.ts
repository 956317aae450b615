/** The variables of a file name prefix: size and date. `%batch_num%` is not among them; it counts within a save. */

/** Fills in `%width%`, `%height%` and the date; unknown variables stay. */
export function filledPrefix(
  prefix: string,
  size: { readonly width: number; readonly height: number },
): string {
  const now = new Date()
  const two = (value: number): string => String(value).padStart(2, '0')
  const values: Readonly<Record<string, string>> = {
    width: String(size.width),
    height: String(size.height),
    year: String(now.getFullYear()),
    month: two(now.getMonth() + 1),
    day: two(now.getDate()),
    hour: two(now.getHours()),
    minute: two(now.getMinutes()),
    second: two(now.getSeconds()),
  }
  return prefix.replace(/%(\w+)%/g, (whole, name: string) => values[name] ?? whole)
}
