/** A twin with one edge of each shape, to see what faults do to it from the outside. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { openEventStream } from '../event-stream.ts'
import { createEventLane } from '../faults/event-lane.ts'
import { noteFacts } from '../faults/http-faults.ts'
import { httpPoints, type PointCatalog } from '../faults/point.ts'
import { sendJson } from '../json.ts'
import { type Call, router } from '../router.ts'
import { type StartedTwin, startTwin } from '../start-twin.ts'
import type { TwinDefinition } from '../twin.ts'

const points = {
  ...httpPoints(
    'probe',
    { greet: 'GET /greet', stream: 'GET /stream', film: 'GET /film' },
    { greet: ['name'] },
  ),
  'probe.stream.number': { shape: 'message', summary: 'a number', match: ['number'] },
  'probe.work': { shape: 'step', summary: 'work', fails: { 'no-memory': 'as if memory were full' } },
} as const satisfies PointCatalog

type Point = keyof typeof points

/** A film as the probe has it: so many chunks, read only as fast as they are taken. */
export const film = { chunks: 256, chunkBytes: 64 * 1024 }

/**
 * Greets, streams the numbers 1 to 5, sends a film, works. `greeted`, `filmed` (chunks) and `worked` in the state tell
 * what was really done.
 */
export const probeTwin: TwinDefinition<Point> = {
  name: 'probe',
  points,
  create: (context) => {
    const done = { greeted: 0, filmed: 0, worked: 0 }
    const handle = router(
      context,
      [
        ...['GET', 'HEAD'].map((method) => ({
          method,
          path: '/greet',
          point: 'probe.http.greet' satisfies Point,
          handle: ({ response, query }: Call) => {
            done.greeted += 1
            context.journal('greeted')
            noteFacts(response, { name: query.get('name') })
            sendJson(response, 200, { hello: query.get('name') })
          },
        })),
        {
          method: 'GET',
          path: '/stream',
          point: 'probe.http.stream' satisfies Point,
          handle: ({ response }) => {
            const stream = createEventLane(context.faults, context.clock, {
              stream: openEventStream(response),
              response,
            })
            for (const number of [1, 2, 3, 4, 5]) stream.send('probe.stream.number', { number }, { number })
            stream.end()
          },
        },
        {
          method: 'GET',
          path: '/film',
          point: 'probe.http.film' satisfies Point,
          handle: ({ response }) => {
            const chunk = Buffer.alloc(film.chunkBytes, 7)
            const frames = function* (): Generator<Buffer> {
              for (; done.filmed < film.chunks; done.filmed += 1) yield chunk
            }
            Readable.from(frames()).pipe(response)
          },
        },
        {
          method: 'POST',
          path: '/work',
          handle: async ({ response }) => {
            const outcome = await context.faults.step('probe.work')
            if (outcome.kind === 'go') done.worked += 1
            sendJson(response, 200, outcome)
          },
        },
      ],
      (_request, response) => void response.writeHead(404).end(),
    )
    return { handle, state: () => done }
  },
}

/** Starts it for one test. */
export async function startProbe(): Promise<StartedTwin> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'twin-kit-'))
  const twin = await startTwin({ ...probeTwin, dataFolder })
  onTestFinished(async () => {
    await twin[Symbol.asyncDispose]()
    await rm(dataFolder, { recursive: true, force: true })
  })
  return twin
}
