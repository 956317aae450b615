/** The Wan2GP contract: Gradio 5.29 as Wan2GP uses it, and its generate chain. Cases stand in the files by topic. */
import { fileURLToPath } from 'node:url'
import type { Contract } from '@squall/twin-kit/conformance/case'
import { defineContract } from '@squall/twin-kit/conformance/define-contract'
import { startTwinProcess } from '@squall/twin-kit/twin-process'
import { browserCases } from './browser-cases.ts'
import { generationCases } from './generation-cases.ts'
import { openGradio, recognisesGradio } from './gradio-target.ts'
import { streamCases } from './stream-cases.ts'
import { surfaceCases } from './surface-cases.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const flags = ['--time-scale', '0.05']

/** All of it. */
export const wan2gpContract: Contract = defineContract({
  service: 'wan2gp',
  startTwin: (folder) => startTwinProcess({ main, dataFolder: folder, flags }),
  recognises: recognisesGradio,
  open: openGradio,
  groups: [surfaceCases, browserCases, streamCases, generationCases],
  // None: all cases pass on the twin, and on Gradio 5.29.0 with functions of these names.
  twinDiffers: {},
})
