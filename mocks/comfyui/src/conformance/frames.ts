/**
 * WebSocket frames in a form that can be diffed: cut into runs of one prompt each, `progress_state` reduced to what
 * changed, ticks that depend on time left out, and outputs that are ready together put into a fixed order.
 */
import { isObject } from '../answer.ts'

/** A normalised frame. Binary frames have type `binary`. */
export type Frame = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

/** The frames of one connection up to and including the end of one prompt. */
export type FrameRun = readonly Frame[]

/** Cuts the frames after each `executing null`; what is left over is the last run. */
export function splitRuns(frames: readonly Frame[]): FrameRun[] {
  const runs: Frame[][] = [[]]
  for (const frame of frames) {
    runs.at(-1)?.push(frame)
    if (frame.type === 'executing' && frame.data['node'] === null) runs.push([])
  }
  return runs.filter((run) => run.length > 0)
}

/** One run in its final form. */
export function canonicalRun(run: FrameRun): Frame[] {
  return orderSiblings(reduceStates(withoutTimedTicks(run)))
}

/**
 * Ticks between the first and the last are throttled by time; those with a preview never are. How far an interrupted
 * node got is chance as well.
 */
function withoutTimedTicks(run: FrameRun): Frame[] {
  const drop = new Set<Frame>()
  const isInterrupted = run.some(({ type }) => type === 'execution_interrupted')
  for (const [index, frame] of run.entries()) {
    const { value, max } = frame.data
    if (frame.type !== 'progress' || value === 1 || value === max) continue
    const around = [run[index - 2], run[index - 1], run[index + 1]]
    const preview = around.find((near) => near?.type === 'binary')
    if (preview !== undefined && !isInterrupted) continue
    drop.add(frame)
    if (preview !== undefined) drop.add(preview)
    const state = around.findLast((near, at) => at < 2 && near?.type === 'progress_state')
    if (state !== undefined) drop.add(state)
  }
  return run.filter((frame) => !drop.has(frame))
}

/** Keeps of each `progress_state` only the bars that differ from the one before. */
function reduceStates(run: FrameRun): Frame[] {
  let before: Readonly<Record<string, unknown>> = {}
  return run.map((frame) => {
    const nodes = frame.data['nodes']
    if (frame.type !== 'progress_state' || !isObject(nodes)) return frame
    const known = before
    before = nodes
    const changed = Object.entries(nodes).filter(
      ([id, bar]) => JSON.stringify(bar) !== JSON.stringify(known[id]),
    )
    return {
      ...frame,
      data: { ...frame.data, nodes: Object.fromEntries(changed) as Record<string, unknown> },
    }
  })
}

/** Outputs that follow each other directly come in the order of a set; here they are sorted by node id. */
function orderSiblings(run: FrameRun): Frame[] {
  const blocks = blocksOf(run)
  const ordered: Frame[] = []
  let siblings: { node: string; frames: Frame[] }[] = []
  const flush = (): void => {
    ordered.push(...siblings.toSorted((a, b) => (a.node < b.node ? -1 : 1)).flatMap(({ frames }) => frames))
    siblings = []
  }
  for (const block of blocks) {
    if (block.isOutput) {
      siblings.push(block)
      continue
    }
    flush()
    ordered.push(...block.frames)
  }
  flush()
  return ordered
}

type Block = { node: string; isOutput: boolean; frames: Frame[] }

/** Stretches of frames about one node. A status may come at any time and ends a stretch. */
function blocksOf(run: FrameRun): Block[] {
  const blocks: Block[] = []
  for (const frame of run) {
    const node = nodeOf(frame)
    const last = blocks.at(-1)
    const isOutput = frame.type === 'executed'
    if (last !== undefined && last.node === node && node !== '') {
      last.frames.push(frame)
      last.isOutput ||= isOutput
    } else blocks.push({ node, isOutput, frames: [frame] })
  }
  return blocks
}

function nodeOf({ type, data }: Frame): string {
  const nodes = data['nodes']
  if (type === 'progress_state' && isObject(nodes)) return Object.keys(nodes).join()
  return typeof data['node'] === 'string' ? data['node'] : ''
}
