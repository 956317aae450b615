/**
 * Progress of one prompt, told in two forms: `progress_state` (cumulative, all nodes so far) and `progress` (one
 * bar). Ticks are throttled as on the real server since ~0.9.1, so clients must not count them.
 */
import { PythonFloat, recordInOrder } from '@squall/twin-kit'
import { describedPreview, type PlaceNames, plainPreview } from './binary-frames.ts'
import type { Profile } from './profile.ts'
import type { Sockets } from './socket.ts'

/** A tick between the first and the last is sent only after this much real time and this much progress. */
const tickMsMin = 100
const tickShareMin = 0.005

type Bar = { value: number | PythonFloat; max: number | PythonFloat; state: 'running' | 'finished' }

/** A node as progress names it. `parentId` is set for nodes of an expansion: the node of the workflow itself. */
export type NodePlace = { readonly id: string; readonly parentId?: string }

/** Progress of the nodes of one prompt. */
export type Progress = {
  readonly start: (node: NodePlace) => void
  /** A tick with a `preview` (JPEG bytes) is never throttled. */
  readonly tick: (node: NodePlace, value: number, max: number, preview?: Buffer) => void
  readonly finish: (node: NodePlace) => void
}

/** Builds the progress of one prompt. Without `clientId` everything goes to everybody (golden 04). */
export function createProgress(
  sockets: Pick<Sockets, 'send' | 'sendBinary' | 'wantsMetadata'>,
  profile: Pick<Profile, 'hasProgressStates' | 'throttlesTicks'>,
  options: { readonly promptId: string; readonly clientId: unknown; readonly now: () => number },
): Progress {
  const { promptId, clientId, now } = options
  const bars = new Map<string, Bar & { readonly place: PlaceNames }>()
  let lastTick = { at: 0, value: 0 }
  const set = (node: NodePlace, bar: Bar): void => {
    bars.set(node.id, { ...bar, place: placeNames(node, promptId) })
  }
  const sendState = (): void => {
    if (!profile.hasProgressStates) return
    const nodes = recordInOrder([...bars].map(([id, { place, ...bar }]) => [id, { ...bar, ...place }]))
    sockets.send('progress_state', { prompt_id: promptId, nodes }, clientId)
  }
  return {
    start: (node) => {
      set(node, { value: new PythonFloat(0), max: new PythonFloat(1), state: 'running' })
      lastTick = { at: 0, value: 0 }
      sendState()
    },
    tick: (node, value, max, preview) => {
      set(node, { value, max, state: 'running' })
      const isForced = !profile.throttlesTicks || preview !== undefined
      const isEdge = lastTick.at === 0 || value >= max || isForced
      const isDue = now() - lastTick.at >= tickMsMin && (value - lastTick.value) / max >= tickShareMin
      if (!isEdge && !isDue) return
      lastTick = { at: now(), value }
      sendState()
      const withMetadata = sockets.wantsMetadata(clientId)
      if (preview !== undefined && withMetadata) {
        sockets.sendBinary(describedPreview(placeNames(node, promptId), preview), clientId)
      }
      sockets.send('progress', { value, max, prompt_id: promptId, node: node.id }, clientId)
      if (preview !== undefined && !withMetadata) sockets.sendBinary(plainPreview(preview), clientId)
    },
    finish: (node) => {
      // A cached node was never started; its bar is whole numbers then, as measured (golden 02).
      const max = bars.get(node.id)?.max ?? 1
      set(node, { value: max, max, state: 'finished' })
      sendState()
    },
  }
}

function placeNames({ id, parentId }: NodePlace, promptId: string): PlaceNames {
  return {
    node_id: id,
    prompt_id: promptId,
    display_node_id: parentId ?? id,
    parent_node_id: parentId ?? null,
    real_node_id: parentId ?? id,
  }
}
