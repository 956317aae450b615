/** The way between latents and pictures. */
import { GpuOutOfMemory } from '@squall/twin-kit'
import { decodeBytes, encodeBytes, tileBytes } from '../gpu-memory.ts'
import { type Behaviour, type Facts, factsOf, type NodeRun, onAllOutputs, workOf } from './behaviour.ts'
import { onGpu } from './loaders.ts'
import { latentSide } from './resizers.ts'

/** Duration of a pass over 512 x 512. */
const passMs = 200

/** Passes over the pictures. They do not look for interrupts; the next node does. */
function pass(
  input: string,
  bytesOf: (facts: Facts) => number,
  after: (facts: Facts) => Facts = (facts) => facts,
): Behaviour {
  return async (run) => {
    const facts = factsOf(run, input)
    const { model } = factsOf(run, 'vae')
    if (model !== undefined) await onGpu(run, model)
    using _working = reserveOrTile(run, bytesOf(facts), model === undefined ? [] : [model.file])
    await run.gpu.run({ steps: 1, msPerStep: passMs * workOf(facts) })
    return onAllOutputs(run, after(facts))
  }
}

/** Encoding cuts off what does not fill a multiple of 8. */
function asLatent(facts: Facts): Facts {
  const { width = 512, height = 512 } = facts
  return { ...facts, width: latentSide(width), height: latentSide(height) }
}

/** What does not fit as a whole is done tile by tile, as on the real server [S: `VAE.decode` in sd.py]. */
function reserveOrTile(run: NodeRun, bytes: number, keep: readonly string[]): Disposable {
  try {
    return run.gpu.reserve(bytes, keep)
  } catch (error) {
    if (!(error instanceof GpuOutOfMemory) || bytes <= tileBytes) throw error
    return run.gpu.reserve(tileBytes, keep)
  }
}

/** By class name. */
export const vae: Readonly<Record<string, Behaviour>> = {
  VAEDecode: pass('samples', decodeBytes),
  VAEDecodeTiled: pass('samples', () => tileBytes),
  VAEEncode: pass('pixels', encodeBytes, asLatent),
  VAEEncodeForInpaint: pass('pixels', encodeBytes, asLatent),
}
