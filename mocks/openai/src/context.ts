/** What the routes of this twin are given: the kit's context with this twin's points. */
import type { TwinContext } from '@squall/twin-kit'
import type { OpenAiPoint } from './points.ts'

export type OpenAiContext = TwinContext<OpenAiPoint>
