/**
 * Progress of one prompt, told in two forms: `progress_state` (cumulative, all nodes so far) and `progress` (one
 * bar). Ticks are throttled as on the real server since ~0.9.1, so clients must not count them.
 */
import { PythonFloat } from '@squall/twin-kit'
import type { Sockets } from './socket.ts'

/** A tick between the first and the last is sent only after this much real time and this much progress. */
const tickMsMin = 100
const tickShareMin = 0.005

type NodeProgress = { value: number | PythonFloat; max: number | PythonFloat; state: 'running' | 'finished' }

/** Progress of the nodes of one prompt. */
export type Progress = {
  readonly start: (nodeId: string) => void
  readonly tick: (nodeId: string, value: number, max: number) => void
  readonly finish: (nodeId: string) => void
}

/** Builds the progress of one prompt. Without `clientId` both forms go to everybody (golden 04). */
export function createProgress(
  sockets: Pick<Sockets, 'send'>,
  options: { readonly promptId: string; readonly clientId: unknown; readonly now: () => number },
): Progress {
  const { promptId, clientId, now } = options
  const nodes = new Map<string, NodeProgress>()
  let lastTick = { at: 0, value: 0 }
  const sendState = (): void => {
    const shown = Object.fromEntries(
      [...nodes].map(([id, progress]) => [
        id,
        {
          ...progress,
          node_id: id,
          prompt_id: promptId,
          display_node_id: id,
          parent_node_id: null,
          real_node_id: id,
        },
      ]),
    )
    sockets.send('progress_state', { prompt_id: promptId, nodes: shown }, clientId)
  }
  return {
    start: (nodeId) => {
      nodes.set(nodeId, { value: new PythonFloat(0), max: new PythonFloat(1), state: 'running' })
      lastTick = { at: 0, value: 0 }
      sendState()
    },
    tick: (nodeId, value, max) => {
      nodes.set(nodeId, { value, max, state: 'running' })
      const isEdge = lastTick.at === 0 || value >= max
      const isDue = now() - lastTick.at >= tickMsMin && (value - lastTick.value) / max >= tickShareMin
      if (!isEdge && !isDue) return
      lastTick = { at: now(), value }
      sendState()
      sockets.send('progress', { value, max, prompt_id: promptId, node: nodeId }, clientId)
    },
    finish: (nodeId) => {
      // A cached node was never started; its bar is whole numbers then, as measured (golden 02).
      const max = nodes.get(nodeId)?.max ?? 1
      nodes.set(nodeId, { value: max, max, state: 'finished' })
      sendState()
    },
  }
}
