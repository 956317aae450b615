import { expect, test } from 'vitest'
import type { ClientEvent } from '../events.ts'
import { defaultLimits } from '../limits.ts'
import { now } from '../transport/clock.ts'
import { Http } from '../transport/http.ts'
import { Measurements } from '../transport/measurements.ts'
import { testServer } from '../transport/test-server.ts'
import { HealthMonitor } from './monitor.ts'

const intervalMs = 100

/** The monitor over one real server, with its events as an awaitable list. */
async function watching() {
  const server = await testServer((_request, response) => response.end())
  const http = new Http({
    baseUrl: server.url,
    limits: defaultLimits,
    measurements: new Measurements(),
  })
  const events: string[] = []
  let wake = () => {}
  const monitor = new HealthMonitor({
    services: ['comfyui'],
    intervalMs,
    alive: async (_service, deadlineMs, signal) => {
      await http.call({ method: 'GET', path: '/', deadlineMs, signal })
    },
    emit: (event: ClientEvent) => {
      if (event.type === 'health') events.push(`${event.service} ${event.state}`)
      wake()
    },
  })
  monitor.start()
  const until = async (count: number) => {
    while (events.length < count) await new Promise<void>((resolve) => (wake = resolve))
  }
  await until(2)
  return { server, http, monitor, events, until }
}

test('HEALTHY, then UNHEALTHY within one interval after the death, then HEALTHY again', async () => {
  const { server, http, monitor, events, until } = await watching()
  expect(events).toEqual(['comfyui HEALTHY', 'system HEALTHY'])
  await server[Symbol.asyncDispose]()
  const diedAt = now()
  await until(4)
  expect(now() - diedAt).toBeLessThan(intervalMs)
  expect(events.slice(2)).toEqual(['comfyui UNHEALTHY', 'system UNHEALTHY'])
  await using _again = await testServer((_request, response) => response.end(), server.port)
  await until(6)
  expect(events.slice(4)).toEqual(['comfyui HEALTHY', 'system HEALTHY'])
  monitor[Symbol.dispose]()
  await http[Symbol.asyncDispose]()
})

test('a sign from outside counts at once, and the next probe may disagree', async () => {
  const { server, http, monitor, events, until } = await watching()
  monitor.suspect('comfyui', 'its socket closed')
  expect(events.slice(2)).toEqual(['comfyui UNHEALTHY', 'system UNHEALTHY'])
  monitor.suspect('comfyui', 'and again')
  expect(events).toHaveLength(4)
  await until(6)
  expect(monitor.state('comfyui')).toBe('HEALTHY')
  monitor[Symbol.dispose]()
  await http[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})
