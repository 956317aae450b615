/** What the main thread says when its worker is not there any more. Nothing is shaped, so no privilege is needed. */
import { describe, expect, test } from 'vitest'
import { openUserspaceShaper } from './userspace-shaper.ts'

const program = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`)

describe.skipIf(process.platform !== 'linux')('a worker that dies', () => {
  test.each([
    ['by an error', "throw new Error('boom')", /the worker failed: boom/],
    ['by its code', 'process.exit(7)', /the worker ended with code 7/],
    ['without a word', 'undefined', /the worker has ended/],
  ])('%s is told to whoever waits and whoever comes later', async (_name, text, reason) => {
    const shaper = openUserspaceShaper({ device: 'none0', workerProgram: program(text) })
    const refused = { code: 'shaper-died', message: expect.stringMatching(reason) }
    await expect(shaper.apply([])).rejects.toMatchObject(refused)
    await shaper.gone.catch(() => undefined)
    await expect(shaper.apply([])).rejects.toMatchObject(refused)
    await expect(shaper.end()).rejects.toMatchObject(refused)
  })
})
