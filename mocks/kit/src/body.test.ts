import { expect, test } from 'vitest'
import { readBody } from './body.ts'
import { BodyTooLarge } from './errors.ts'
import { readMultipart } from './multipart.ts'
import { startTwin } from './start-twin.ts'

test('a body within the limit is whole, one beyond it can still be answered with 413', async () => {
  await using twin = await startTwin({
    name: 'body',
    dataFolder: '.',
    create: () => ({
      handle: async (request, response) => {
        try {
          response.end(await readBody(request, { bytesMax: 100_000 }))
        } catch (error) {
          response.writeHead(error instanceof BodyTooLarge ? 413 : 500).end()
        }
      },
    }),
  })
  const whole = await fetch(twin.url, { method: 'POST', body: 'x'.repeat(100_000) })
  expect((await whole.text()).length).toBe(100_000)
  expect((await fetch(twin.url, { method: 'POST', body: 'x'.repeat(100_001) })).status).toBe(413)
})

test('a form gives fields and files, and a broken one is told apart', async () => {
  await using twin = await startTwin({
    name: 'form',
    dataFolder: '.',
    create: () => ({
      handle: async (request, response) => {
        try {
          const form = await readMultipart(request, { bytesMax: 1000 })
          const files = form.files.map(({ field, fileName, bytes }) => [field, fileName, bytes.toString()])
          response.end(JSON.stringify({ type: form.fields.get('type'), files }))
        } catch (error) {
          response.writeHead(400).end(String(error))
        }
      },
    }),
  })
  const form = new FormData()
  form.set('type', 'input')
  form.set('image', new Blob(['pixels']), 'käse.png')
  const answer = await fetch(twin.url, { method: 'POST', body: form })
  expect(await answer.json()).toEqual({ type: 'input', files: [['image', 'käse.png', 'pixels']] })
  const broken = await fetch(twin.url, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf',
  })
  expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('Cannot read the form')])
  expect((await fetch(twin.url, { method: 'POST', body: 'plain' })).status).toBe(400)
})
