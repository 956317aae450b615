/** The GPU as one node sees it: each load and each step of a sampler passes its fault point. */
import type { Gpu, TwinContext } from '@squall/twin-kit'
import { raiseInjected } from './injected-failures.ts'
import type { ComfyuiPoint } from './points.ts'

/** Wraps the GPU for one node run. `facts` say which: prompt, client, node. */
export function breakableGpu(
  gpu: Gpu,
  faults: TwinContext<ComfyuiPoint>['faults'],
  facts: Readonly<Record<string, unknown>>,
): Gpu {
  const pass = async (point: ComfyuiPoint, more: object, signal?: AbortSignal): Promise<void> => {
    const outcome = await faults.step(point, { ...facts, ...more }, signal)
    if (outcome.kind === 'fail') raiseInjected(outcome.as)
  }
  return {
    ...gpu,
    load: async (model, options) => {
      if (!gpu.resident.has(model)) await pass('comfyui.gpu.load', { model }, options?.signal)
      return gpu.load(model, options)
    },
    run: (work) =>
      gpu.run({ ...work, beforeStep: (step) => pass('comfyui.gpu.step', { step }, work.signal) }),
  }
}
