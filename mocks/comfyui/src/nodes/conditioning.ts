/** Texts and what steers a sampler beside them. */
import { type Behaviour, factsOf, onAllOutputs, textOf } from './behaviour.ts'
import { onGpu } from './loaders.ts'

function encodeText(...inputs: readonly string[]): Behaviour {
  return async (run) => {
    const { model } = factsOf(run, 'clip')
    if (model !== undefined) await onGpu(run, model)
    return onAllOutputs(run, { text: inputs.map((input) => textOf(run, input)).join('\n') })
  }
}

const joinTexts: Behaviour = (run) => {
  const first = factsOf(run, 'conditioning_1')
  const second = factsOf(run, 'conditioning_2')
  const text = [first.text, second.text].filter((part) => part !== undefined).join(', ')
  return onAllOutputs(run, { ...second, ...first, text })
}

/** Each conditioning keeps its own text. */
const controlNet: Behaviour = (run) => ({ outputs: [factsOf(run, 'positive'), factsOf(run, 'negative')] })

const guider: Behaviour = (run) => {
  const { model } = factsOf(run, 'model')
  return onAllOutputs(run, { ...factsOf(run, 'conditioning'), ...(model === undefined ? {} : { model }) })
}

/** By class name. */
export const conditioning: Readonly<Record<string, Behaviour>> = {
  CLIPTextEncode: encodeText('text'),
  CLIPTextEncodeSDXL: encodeText('text_g', 'text_l'),
  CLIPTextEncodeSDXLRefiner: encodeText('text'),
  ConditioningCombine: joinTexts,
  ControlNetApplyAdvanced: controlNet,
  FluxGuidance: (run) => onAllOutputs(run, factsOf(run, 'conditioning')),
  BasicGuider: guider,
  CLIPSetLastLayer: (run) => onAllOutputs(run, factsOf(run, 'clip')),
}
