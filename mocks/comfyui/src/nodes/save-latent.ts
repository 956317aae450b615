/**
 * `SaveLatent`: the latent as a safetensors file, with the tensor names and metadata of the server. The numbers
 * follow from prompt and seed.
 */
import { seededRandom, seedFromText } from '@squall/twin-kit'
import { writeSafetensors } from '../safetensors.ts'
import { type Behaviour, factsOf, pictureOf, textOf } from './behaviour.ts'
import { filledPrefix } from './file-prefix.ts'
import { workflowTexts } from './workflow-text.ts'

const channels = 4

export const saveLatent: Behaviour = async (run) => {
  const facts = factsOf(run, 'samples')
  const picture = pictureOf(facts)
  const shape = [facts.batch ?? 1, channels, Math.ceil(picture.height / 8), Math.ceil(picture.width / 8)]
  const random = seededRandom(seedFromText(picture.prompt, picture.seed))
  const numbers = Float32Array.from(
    { length: shape.reduce((size, side) => size * side, 1) },
    () => random() * 2 - 1,
  )
  const bytes = writeSafetensors(workflowTexts(run), {
    latent_tensor: { shape, numbers },
    latent_format_version_0: { shape: [0], numbers: new Float32Array() },
  })
  const prefix = filledPrefix(textOf(run, 'filename_prefix'), picture)
  const file = await run.save('output', prefix, '.latent', bytes)
  return { outputs: [facts], ui: { latents: [file] } }
}
