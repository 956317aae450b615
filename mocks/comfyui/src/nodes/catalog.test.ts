/** `/object_info` against the facts that were recorded from a real server (golden README), text by text. */
import { readFileSync } from 'node:fs'
import { stringifyPython } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { readExact } from '../conformance/exact-json.ts'
import { startComfyui } from '../testing/observed-twin.ts'

type Info = Readonly<Record<string, unknown>> & {
  readonly input: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>
}

const recorded = readExact(readFileSync(new URL('object-info.json', import.meta.url), 'utf8')) as Record<
  string,
  Info
>
const names = Object.keys(recorded)

/** What the twin shows differently, and why. */
const differences: Readonly<Record<string, string>> = {
  SaveWEBM:
    'Python holds two limits of crf, a float, as whole numbers; here all limits of floats are floats.',
}

const noModels = Object.fromEntries(
  'checkpoints loras vae text-encoders diffusion-models controlnet upscale-models'
    .split(' ')
    .map((folder) => [folder, '']),
)

test('all 51 recorded classes are there, in the recorded order', async () => {
  await using twin = await startComfyui()
  const served = (await (await fetch(`${twin.url}/object_info`)).json()) as object
  expect(names).toHaveLength(51)
  expect(Object.keys(served)).toEqual(names)
})

test('without files every class is spelled exactly as recorded', async () => {
  await using twin = await startComfyui({ flags: noModels })
  const text = await (await fetch(`${twin.url}/object_info`)).text()
  const served = readExact(text) as Record<string, Info>
  const differing = names.filter((name) => stringifyPython(served[name]) !== stringifyPython(recorded[name]))
  expect(differing).toEqual(Object.keys(differences))
})

test('files appear where the recorded lists were emptied', async () => {
  await using twin = await startComfyui()
  const optionsOf = async (className: string, input: string) => {
    const answer = (await (await fetch(`${twin.url}/object_info/${className}`)).json()) as Record<
      string,
      Info
    >
    return answer[className]?.input['required']?.[input]
  }
  expect(await optionsOf('VAELoader', 'vae_name')).toEqual([
    ['vae-ft-mse.safetensors', 'sdxl_vae.safetensors', 'ae.safetensors'],
  ])
  expect(await optionsOf('UpscaleModelLoader', 'model_name')).toEqual([
    'COMBO',
    { multiselect: false, options: ['4x-upscaler.pth'] },
  ])
})
