/**
 * The tests that every twin must survive, on a process of its own. After each hardship: it answers a normal request,
 * it has not complained, and its memory is back within a bound.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectedOutcome, type Front } from './hostile-answers.ts'
import { hostileRequests, type Routes } from './hostile-requests.ts'
import { outcomeOf, sendRaw } from './raw-request.ts'
import { startTwinProcess, type TwinProcess } from './twin-process.ts'

/** A twin, as far as these tests need to know it. */
export type Subject = Routes & {
  readonly main: URL
  readonly flags?: readonly string[]
  readonly front: Front
}

/**
 * What a hardship may leave behind for good. Code gets compiled, pools and heaps grow once and stay; what grows with
 * each request does not fit in here, because every test sends far more than this.
 */
const growthBytesMax = 80 * 1024 * 1024

/** Defines tests in which one twin process lives through all of `hardships`, one after the other. */
export function surviving(
  subject: Subject,
  hardships: readonly { readonly name: string; readonly run: (twin: TwinProcess) => Promise<void> }[],
): void {
  let twin: TwinProcess
  let bytesBefore = 0
  beforeAll(async () => {
    twin = await startTwinProcess(subject.main, subject.flags)
    for (let calls = 0; calls < 200; calls++) await expectNormal(twin, subject)
    bytesBefore = await twin.settledBytes()
  })
  afterAll(() => twin[Symbol.asyncDispose]())
  test.each(hardships.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    await run(twin)
    await expectNormal(twin, subject)
    expect(twin.complaints()).toBe('')
    expect((await twin.settledBytes()) - bytesBefore).toBeLessThan(growthBytesMax)
  })
}

async function expectNormal(twin: TwinProcess, { path }: Routes): Promise<void> {
  expect(twin.isGone()).toBe(false)
  const answer = await fetch(twin.url + path)
  expect(answer.status).toBe(200)
  await answer.arrayBuffer()
}

/** Hostile requests are answered as the real server answers them, or as a listed difference says. */
export function describeHostileRequests(subject: Subject): void {
  describe('requests that no honest client sends', () => {
    surviving(
      subject,
      hostileRequests(subject).map(({ name, bytes, ...options }) => ({
        name,
        run: async ({ url }) => {
          const answer = await sendRaw(url, Buffer.from(bytes, 'latin1'), options)
          expect(outcomeOf(answer)).toBe(expectedOutcome(subject.front, name))
        },
      })),
    )
  })
}
