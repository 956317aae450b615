/** What the engine of this machine can do to packets: asked once, and nothing of it is left. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findDocker } from './find-docker.ts'
import { knownRungs, networkRungs } from './network-rungs.ts'

test('not known before it was tried, known afterwards, without another container', async ({
  onTestFinished,
}) => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'squall-rungs-'))
  onTestFinished(() => rmSync(cacheFolder, { recursive: true }))
  const options = { env: process.env, cacheFolder, onProgress: () => undefined }
  const { docker } = await findDocker()
  const probes = () => docker.listContainers({ all: true, filters: { label: ['dev.squall.netem=probe'] } })
  expect(await knownRungs(docker, options)).toBeUndefined()
  const found = await networkRungs(docker, options)
  expect(found.map(({ rung }) => rung)).toEqual(['kernel', 'userspace'])
  expect(found.map(({ can }) => can)).toContain('yes')
  expect(await knownRungs(docker, options)).toEqual(found)
  expect(await networkRungs(docker, options)).toEqual(found)
  expect(await probes()).toEqual([])
})
