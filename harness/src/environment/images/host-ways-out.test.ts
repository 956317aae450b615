import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { pipArgs, proxyArgs, trustedAuthorities } from './host-ways-out.ts'

test('pip settings come from its configuration file, folders of this machine excepted', async () => {
  const env = await withPipConf(
    '[global]\nindex-url = https://mirror.test/simple\nextra-index-url =\n    file:///opt/wheels\n    https://more.test/simple\n',
  )
  expect(await pipArgs(env)).toEqual({
    PIP_INDEX_URL: 'https://mirror.test/simple',
    PIP_EXTRA_INDEX_URL: 'https://more.test/simple',
  })
})

test('the environment wins over the configuration file', async () => {
  const env = await withPipConf('[global]\nindex-url = https://mirror.test/simple\n')
  expect(await pipArgs({ ...env, PIP_INDEX_URL: 'https://other.test/simple' })).toMatchObject({
    PIP_INDEX_URL: 'https://other.test/simple',
  })
})

test('only proxy variables that are set are handed on', () => {
  expect(proxyArgs({ https_proxy: 'http://proxy.test:3128', NO_PROXY: '', PATH: '/bin' })).toEqual({
    https_proxy: 'http://proxy.test:3128',
  })
})

test('the authorities are whole certificates', () => {
  const text = trustedAuthorities()
  const begins = text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0
  expect(begins).toBeGreaterThan(50)
  expect(text.match(/-----END CERTIFICATE-----\n/g)).toHaveLength(begins)
})

async function withPipConf(text: string): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-pip-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'pip.conf'), text)
  return { HOME: folder, PIP_CONFIG_FILE: join(folder, 'pip.conf') }
}
