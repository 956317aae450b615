/** Every node class the twin can run. A class without an entry passes on what comes in. */
import { animations } from './animations.ts'
import { type Behaviour, carry, onAllOutputs } from './behaviour.ts'
import { conditioning } from './conditioning.ts'
import { fileNodes } from './files.ts'
import { loaders } from './loaders.ts'
import { resizers } from './resizers.ts'
import { samplers } from './samplers.ts'
import { saveLatent } from './save-latent.ts'
import { testNodes } from './test/behaviours.ts'
import { vae } from './vae.ts'

const behaviours: Readonly<Record<string, Behaviour>> = {
  ...loaders,
  ...conditioning,
  ...samplers,
  ...vae,
  ...resizers,
  ...fileNodes,
  ...animations,
  SaveLatent: saveLatent,
  ...testNodes,
}

const passOn: Behaviour = (run) => onAllOutputs(run, carry(run))

/** The behaviour of a class. */
export function behaviourOf(className: string): Behaviour {
  return behaviours[className] ?? passOn
}
