/** Makes the jobs of a workload: small, valid, and different for each seed, so that no two outputs are alike. */
import type { JobKind } from '../spec/workload-plan.ts'
import { pick, seededRandom } from '../support/random.ts'
import type { Job } from './subject.ts'
import { simpleWorkflow } from './workflows.ts'

const subjects = ['fox', 'lighthouse', 'teapot', 'storm', 'orchard', 'submarine', 'violin', 'glacier']
const styles = [
  'in watercolour',
  'at dawn',
  'as a woodcut',
  'under neon light',
  'in heavy rain',
  'made of glass',
]

/** The job that this seed stands for. */
export function makeJob(kind: JobKind, seed: number): Job {
  const random = seededRandom(seed)
  const prompt = `a ${pick(random, subjects)} ${pick(random, styles)}, take ${seed}`
  // JavaScript numbers carry 53 bits; ComfyUI's seeds go to 64. Stay where both agree.
  if (kind === 'image') return { kind, workflow: simpleWorkflow({ prompt, seed }) }
  if (kind === 'text') return { kind, prompt: `Describe ${prompt} in one sentence.` }
  return { kind, prompt, seed: seed % 2 ** 31, steps: 8, frames: 17 }
}
