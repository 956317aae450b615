/**
 * Contract with a real client library: everything @saintno/comfyui-sdk asks of a server beside running workflows. The
 * cases follow the library's own suite (protocol notes 8).
 */
import { ComfyApi } from '@saintno/comfyui-sdk'
import { renderImage, type StartedTwin } from '@squall/twin-kit'
import { expect, onTestFinished, test } from 'vitest'
import { startComfyui } from '../testing/observed-twin.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

/** A twin of its own and a connected client of it; both go with the test. */
async function ready(): Promise<{ twin: StartedTwin; api: ComfyApi }> {
  const twin = await startComfyui({ flags: { checkpoints: 'sd15.safetensors,base\\sd-v1-5.ckpt' } })
  onTestFinished(() => twin[Symbol.asyncDispose]())
  const api = await new ComfyApi(twin.url, 'facts').init().waitForReady()
  onTestFinished(() => api.destroy())
  return { twin, api }
}

test('the connection: ready, ping, status', async () => {
  const { twin, api } = await ready()
  const { isReady, apiHost, id } = api
  expect({ isReady, apiHost, id }).toEqual({ isReady: true, apiHost: twin.url, id: 'facts' })
  expect(await api.ping()).toMatchObject({ status: true, time: expect.any(Number) as number })
  expect(await api.pollStatus(5000)).toEqual({ exec_info: { queue_remaining: 0 } })
  expect(await api.getQueue()).toEqual({ queue_running: [], queue_pending: [] })
})

test('the machine', async () => {
  const { api } = await ready()
  const { system, devices } = await api.getSystemStats()
  expect(system).toMatchObject({ os: 'linux', python_version: expect.stringContaining('3.11') as string })
  expect(devices[0]?.vram_total).toBe(24 * 1024 ** 3)
  expect(await api.freeMemory(true, true)).toBe(true)
  const logs = await api.getTerminalLogs()
  expect(logs.size).toMatchObject({ cols: expect.any(Number) as number })
  await api.setTerminalSubscription(true)
})

test('nodes and models', async () => {
  const { api } = await ready()
  expect(Object.keys((await api.getNodeDefs()) ?? {}).length).toBeGreaterThan(50)
  expect((await api.getNodeDefs('KSampler'))?.['KSampler']?.input.required).toHaveProperty('seed')
  expect(await api.getNodeDefs('Nowhere')).toBeNull()
  expect(await api.getCheckpoints()).toEqual(['sd15.safetensors', 'base\\sd-v1-5.ckpt'])
  expect(await api.getLoras()).toContain('detail.safetensors')
  const { sampler, scheduler } = await api.getSamplerInfo()
  expect([JSON.stringify(sampler), JSON.stringify(scheduler)]).toEqual([
    expect.stringContaining('euler'),
    expect.stringContaining('karras'),
  ])
  expect((await api.getExtensions()).length).toBeGreaterThan(0)
  expect(await api.getEmbeddings()).toEqual(['easynegative'])
  expect(await api.getModelTypes()).toContain('checkpoints')
  expect(await api.getModels('checkpoints')).toContain('sd15.safetensors')
  expect((await api.getModelFolders()).map(({ name }) => name)).toContain('checkpoints')
  expect(await api.getModelFiles('checkpoints')).toMatchObject([{ name: 'sd15.safetensors' }, {}])
  expect(await api.getViewMetadata('checkpoints', 'sd15.safetensors')).toMatchObject({ format: 'pt' })
  expect(await api.getViewMetadata('checkpoints', 'nowhere.safetensors')).toEqual({})
  expect(await api.getFeatures()).toMatchObject({
    supports_preview_metadata: true,
    max_upload_size: 104_857_600,
  })
  expect(await api.getWorkflowTemplates()).toEqual({})
})

test('queue and history', async () => {
  const { api } = await ready()
  const { prompt_id: id, number } = await api.queuePrompt(null, sd15Graph())
  expect(number).toEqual(expect.any(Number))
  await expect.poll(() => api.getHistory(id)).toBeDefined()
  expect(await api.getHistory(id)).toMatchObject({ status: { status_str: 'success' }, outputs: { 9: {} } })
  expect(Object.keys(await api.getHistories(10))).toEqual([id])
  await api.interrupt()
  await api.manageQueue({ clear: ['queue_pending', 'queue_running'] })
  await api.clearHistory({ clear: true })
  expect(await api.getHistories()).toEqual({})
})

test('settings', async () => {
  const { api } = await ready()
  expect(await api.getSettings()).toEqual({})
  expect(await api.getSetting('Comfy.Nothing')).toBeNull()
  await api.storeSetting('sdk.one', 'first')
  await api.storeSettings({ 'sdk.two': 'a', 'sdk.one': 'second' })
  expect([await api.getSetting('sdk.one'), await api.getSetting('sdk.two')]).toEqual(['second', 'a'])
  expect(await api.getUserConfig()).toMatchObject({ storage: 'server' })
})

test('user files', async () => {
  const { api } = await ready()
  const [file, moved] = ['sdk/file.json', 'sdk/moved.json']
  const stored = await api.storeUserData(
    file,
    { hello: 'world' },
    { overwrite: true, stringify: true, throwOnError: true },
  )
  expect(stored.status).toBe(200)
  expect(await (await api.getUserData(file)).json()).toEqual({ hello: 'world' })
  expect(await api.listUserData('sdk')).toEqual(['file.json'])
  // The library names the folder `dir`, the server `path`: it lists everything.
  expect(await api.listUserDataV2('sdk')).toMatchObject([
    { path: 'sdk', type: 'directory' },
    { path: 'sdk/file.json', type: 'file' },
  ])
  expect((await api.moveUserData(file, moved, { overwrite: true })).status).toBe(200)
  await api.deleteUserData(moved)
  expect(await api.listUserData('sdk')).toEqual([])
  expect(await api.listUserData('nowhere')).toEqual([])
})

test('pictures up and down', async () => {
  const { api } = await ready()
  const picture = renderImage({ prompt: 'mine', seed: 1, width: 16, height: 16 })
  const uploaded = await api.uploadImage(picture, 'mine.png', { override: true })
  expect(uploaded).toMatchObject({ info: { filename: 'mine.png', subfolder: '', type: 'input' } })
  const { info } = uploaded as Exclude<typeof uploaded, false>
  expect(Buffer.from(await (await api.getImage(info)).arrayBuffer()).equals(picture)).toBe(true)
  expect(await api.uploadMask(picture, info)).toMatchObject({ info: { type: 'input' } })
})

test('extensions that a plain server does not have are not supported', async () => {
  const { api } = await ready()
  const { manager, monitor } = api.ext
  expect([manager.isSupported, monitor.isSupported]).toEqual([false, false])
  expect(api.availableFeatures).toMatchObject({ manager: false, monitor: false })
})
