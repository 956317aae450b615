/** The ComfyUI contract: what any server of version 0.33 must do. Cases stand in the files by topic. */
import { fileURLToPath } from 'node:url'
import type { Contract } from '@squall/twin-kit/conformance/case'
import { defineContract } from '@squall/twin-kit/conformance/define-contract'
import { startTwinProcess } from '@squall/twin-kit/twin-process'
import { acceptCases } from './accept-cases.ts'
import { openComfyui, recognisesComfyui } from './comfyui-target.ts'
import { factCases } from './fact-cases.ts'
import { failureCases, restartCases } from './failure-cases.ts'
import { fileCases } from './file-cases.ts'
import { historyCases } from './history-cases.ts'
import { httpCases } from './http-cases.ts'
import { modelCases } from './model-cases.ts'
import { queueCases } from './queue-cases.ts'
import { recordingNames, replayRecordings } from './recordings.ts'
import { refusalCases } from './refusal-cases.ts'
import { runCases } from './run-cases.ts'
import { socketCases } from './socket-cases.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const flags = ['--test-nodes', '--time-scale', '0.2']

const parts = defineContract({
  service: 'comfyui',
  startTwin: (folder) => startTwinProcess({ main, dataFolder: folder, flags }),
  recognises: recognisesComfyui,
  open: openComfyui,
  runAlone: replayRecordings,
  groups: [
    httpCases,
    factCases,
    refusalCases,
    acceptCases,
    socketCases,
    runCases,
    queueCases,
    historyCases,
    fileCases,
    modelCases,
    failureCases,
    restartCases,
  ],
  twinDiffers: {},
})

/** All of it, recordings included. */
export const comfyuiContract: Contract = {
  ...parts,
  names: [...parts.names, ...recordingNames.map((name) => ({ name, needs: ['our own twin'] }))],
}
