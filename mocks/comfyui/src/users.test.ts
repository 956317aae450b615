/** Users of a `--multi-user` server: each has settings and files of his own, and who is unknown is refused. */
import { expect, test } from 'vitest'
import { getJson, post, startComfyui, temporaryFolder } from './testing/observed-twin.ts'

const flags = { 'multi-user': true }

async function addUser(url: string, username: string): Promise<string> {
  const answer = await fetch(`${url}/users`, { method: 'POST', body: JSON.stringify({ username }) })
  return (await answer.json()) as string
}

test('users are listed by id, survive a restart, and a name is taken once', async () => {
  const dataFolder = temporaryFolder()
  const first = await startComfyui({ dataFolder, flags })
  const bob = await addUser(first.url, 'bob smith')
  expect(bob).toMatch(/^bob-smith_[0-9a-f-]{36}$/)
  expect((await post(`${first.url}/users`, { username: 'bob smith' })).json).toEqual({
    error: 'Duplicate username.',
  })
  await first[Symbol.asyncDispose]()
  await using second = await startComfyui({ dataFolder, flags })
  expect(await getJson(`${second.url}/users`)).toEqual({ storage: 'server', users: { [bob]: 'bob smith' } })
})

test('settings and files belong to the user in the header', async () => {
  await using twin = await startComfyui({ flags })
  const [ann, bob] = [await addUser(twin.url, 'ann'), await addUser(twin.url, 'bob')]
  const as = (user: string, path: string, body?: string) =>
    fetch(twin.url + path, {
      headers: { 'comfy-user': user },
      ...(body === undefined ? {} : { method: 'POST', body }),
    })
  await as(ann, '/settings/Comfy.One', '"hers"')
  await as(ann, '/userdata/a.txt', 'hers')
  expect(await (await as(ann, '/settings/Comfy.One')).json()).toBe('hers')
  expect(await (await as(bob, '/settings/Comfy.One')).json()).toBeNull()
  expect([(await as(ann, '/userdata/a.txt')).status, (await as(bob, '/userdata/a.txt')).status]).toEqual([
    200, 404,
  ])
})

test.each([{}, { 'comfy-user': 'nobody' }, { 'comfy-user': '..' }])(
  '%o is nobody: 401 and 500',
  async (headers) => {
    await using twin = await startComfyui({ flags })
    const statusOf = async (path: string) => (await fetch(twin.url + path, { headers })).status
    expect([
      await statusOf('/settings'),
      await statusOf('/userdata?dir=x'),
      await statusOf('/queue'),
    ]).toEqual([401, 500, 200])
  },
)

test('a single-user server takes no notice of the header', async () => {
  await using twin = await startComfyui()
  const answer = await fetch(`${twin.url}/settings`, { headers: { 'comfy-user': 'nobody' } })
  expect([answer.status, await answer.json()]).toEqual([200, {}])
  expect(await getJson(`${twin.url}/users`)).toEqual({ storage: 'server', migrated: false })
})
