/** Every way to undo, by its kind, and the reading of one that comes over the line. */
import { isUnitName } from '../../labels.ts'
import { disarm } from './disarm.ts'
import { freeDisk } from './free-disk.ts'
import { limits } from './limits.ts'
import { openFiles } from './open-files.ts'
import { remove } from './remove.ts'
import { restart } from './restart.ts'
import type { Undo, UndoKind, UndoWay } from './undo.ts'
import { unpause } from './unpause.ts'

const catalog: { readonly [Kind in UndoKind]: UndoWay<Kind> } = {
  unpause,
  restart,
  disarm,
  limits,
  'open-files': openFiles,
  'free-disk': freeDisk,
  remove,
}

export function wayOf(undo: Undo): UndoWay {
  // The one cast of the catalog: TypeScript cannot see that the entry of a kind takes that kind's data.
  return catalog[undo.kind] as unknown as UndoWay
}

/** @returns undefined for text that is no undo of a known kind with all its fields. */
export function parseUndo(text: string): Undo | undefined {
  try {
    const fields = JSON.parse(text) as Readonly<Record<string, unknown>>
    const { kind, unit } = fields
    if (typeof kind !== 'string' || !Object.hasOwn(catalog, kind)) return undefined
    if (typeof unit !== 'string' || !isUnitName(unit)) return undefined
    return catalog[kind as UndoKind].isComplete(fields) ? (fields as Undo) : undefined
  } catch {
    return undefined
  }
}

/** "unpause comfyui"; never the token. */
export function describeUndo({ kind, unit }: Undo): string {
  return `${kind} ${unit}`
}
