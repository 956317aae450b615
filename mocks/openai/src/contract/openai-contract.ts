/** The contract of an OpenAI-shaped server, such as the upstream twin. Runs against any of them. */
import { fileURLToPath } from 'node:url'
import type { Contract } from '@squall/twin-kit/conformance/case'
import { defineContract } from '@squall/twin-kit/conformance/define-contract'
import { startTwinProcess } from '@squall/twin-kit/twin-process'
import { answerCases, modelCases, refusalCases } from './openai-cases.ts'
import { openOpenAi, recognisesOpenAi } from './openai-target.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const flags = ['--time-scale', '0.1']

/** All of it. */
export const openaiContract: Contract = defineContract({
  service: 'openai',
  startTwin: (folder) => startTwinProcess({ main, dataFolder: folder, flags }),
  recognises: recognisesOpenAi,
  open: openOpenAi,
  groups: [modelCases, refusalCases, answerCases],
  twinDiffers: {},
})
