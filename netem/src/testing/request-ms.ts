/** HTTP requests to a container under test, each on a connection of its own. */
import { get } from 'node:http'

/** How long one takes, two round trips; undefined when it fails. */
export function requestMs(host: string, timeout = 5000): Promise<number | undefined> {
  const beganMs = performance.now()
  return new Promise((resolve) => {
    get({ host, port: 80, agent: false, timeout }, (response) => {
      response.resume().on('end', () => resolve(performance.now() - beganMs))
    })
      .on('timeout', (): void => resolve(undefined))
      .on('error', () => resolve(undefined))
  })
}

/** Of several, since one may have to wait for this machine. */
export async function fastestRequestMs(host: string): Promise<number> {
  const all: number[] = []
  while (all.length < 5) all.push((await requestMs(host)) ?? Number.POSITIVE_INFINITY)
  return Math.min(...all)
}
