/** What the test nodes do when they run (golden README). `TValidate` and `TAnyIn` do nothing at all. */
import { renderJpeg } from '@squall/twin-kit'
import { NotJson } from '../../worker-death.ts'
import { type Behaviour, countOf, factsOf, type NodeRun, onAllOutputs, textOf } from '../behaviour.ts'
import { failAs } from './failures.ts'

const progress: Behaviour = async (run) => {
  const steps = countOf(run, 'steps', 3)
  for (let step = 1; step <= steps; step++) {
    await run.wait(countOf(run, 'delay') * 1000)
    run.onProgress(step, steps, run.inputs['preview'] === true ? previewImage(step) : undefined)
  }
  return passImage(run)
}

function previewImage(step: number): Buffer {
  return renderJpeg({ prompt: 'test', seed: step, width: 64, height: 64 })
}

/** Deaf to interrupts while it sleeps. */
const sleep: Behaviour = async (run) => {
  await run.wait(countOf(run, 'seconds') * 1000)
  return passImage(run)
}

const showText: Behaviour = (run) => ({
  outputs: [{ text: textOf(run, 'text') }],
  ui: { text: [textOf(run, 'text')] },
})

const showTime: Behaviour = (run) => ({
  outputs: [],
  ui: { text: [textOf(run, 'text'), (run.now() / 1000).toFixed(6)] },
})

const poison: Readonly<Record<string, unknown>> = {
  nan: Number.NaN,
  numpy: new NotJson('float32'),
  bytes: new NotJson('bytes'),
}

const publish: Behaviour = (run) => {
  run.sendText('half way')
  return passImage(run)
}

const expand: Behaviour = (run) => {
  const prefix = `${run.nodeId}.0.0.`
  const inputs = { image: factsOf(run, 'image'), steps: countOf(run, 'steps'), delay: 0.02, preview: false }
  return {
    outputs: [],
    expansion: {
      graph: {
        [`${prefix}1`]: { class_type: 'TProgress', inputs },
        [`${prefix}2`]: { class_type: 'ImageInvert', inputs: { image: [`${prefix}1`, 0] } },
      },
      outputs: [[`${prefix}2`, 0]],
    },
  }
}

function passImage(run: NodeRun) {
  return onAllOutputs(run, factsOf(run, 'image'))
}

/** By class name. */
export const testNodes: Readonly<Record<string, Behaviour>> = {
  TProgress: progress,
  TSleepNoCheck: sleep,
  TFail: (run) => failAs(textOf(run, 'kind')),
  TText: showText,
  TNanUi: (run) => ({ outputs: [], ui: { value: [poison[textOf(run, 'kind')]] } }),
  TAlways: showTime,
  TExpand: expand,
  TBlock: (run) => ({ outputs: [{ ...factsOf(run, 'image'), blocked: textOf(run, 'message') }] }),
  TPublish: publish,
  TBigUi: (run) => ({ outputs: [], ui: { text: ['x'.repeat(countOf(run, 'kib') * 1024)] } }),
}
