/** What every route of the twin is given. */
import type { TwinContext } from '@squall/twin-kit'
import type { GatewayConfig } from './config/config.ts'
import type { LiteLlmPoint } from './points.ts'
import type { ModelRouter } from './routing/model-router.ts'
import type { Slots } from './slots.ts'

export type Gateway = {
  readonly context: TwinContext<LiteLlmPoint>
  readonly config: GatewayConfig
  readonly router: ModelRouter
  readonly slots: Slots
  /** Chance of waits and choices, from the twin's seed. */
  readonly random: () => number
}
