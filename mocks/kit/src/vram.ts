/**
 * The memory of a virtual GPU: which models are on it, what runs need beside them, who has to go when it is full.
 * The model used longest ago goes first; a model that a run works with stays. No fragmentation, and a model is
 * either whole on the GPU or not at all.
 */
import { GpuOutOfMemory } from './errors.ts'

/** Bytes of a GPU at this moment. */
export type VramFigures = {
  readonly totalBytes: number
  readonly usedBytes: number
  readonly freeBytes: number
}

/** Models and working memory of one GPU. */
export type Vram = {
  /** Names of resident models, the one used longest ago first. */
  readonly resident: ReadonlySet<string>
  readonly figures: () => VramFigures
  /** Marks a resident model as just used. False if it is not resident. */
  readonly touch: (model: string) => boolean
  /** Makes a model resident, or throws GpuOutOfMemory. */
  readonly place: (model: string, bytes: number) => void
  /** Takes bytes until disposed, or throws GpuOutOfMemory. `keep` are models that must not go meanwhile. */
  readonly reserve: (bytes: number, keep?: readonly string[]) => Disposable
  /** Drops all models. Reservations stay. */
  readonly clear: () => void
}

type Reservation = { readonly bytes: number; readonly keep: readonly string[] }

/** Builds an empty memory of `totalBytes`, which may be Infinity. */
export function createVram(totalBytes: number): Vram {
  const models = new Map<string, number>()
  const resident = new Set<string>()
  const reservations = new Set<Reservation>()
  const figures = (): VramFigures => {
    const working = [...reservations].map(({ bytes }) => bytes)
    const usedBytes = [...models.values(), ...working].reduce((sum, bytes) => sum + bytes, 0)
    return { totalBytes, usedBytes, freeBytes: totalBytes - usedBytes }
  }
  const makeRoom = (bytes: number, keep: readonly string[]): void => {
    const stays = new Set([...keep, ...[...reservations].flatMap((reservation) => reservation.keep)])
    const canGo = [...resident].filter((model) => !stays.has(model))
    const canFree = canGo.reduce((sum, model) => sum + (models.get(model) ?? 0), 0)
    // Decided before anything goes: a demand that cannot be met costs nobody his model.
    if (figures().freeBytes + canFree < bytes) throw new GpuOutOfMemory(bytes, figures())
    for (const model of canGo) {
      if (figures().freeBytes >= bytes) return
      models.delete(model)
      resident.delete(model)
    }
  }
  const touch = (model: string): boolean => {
    if (!resident.delete(model)) return false
    resident.add(model)
    return true
  }
  return {
    resident,
    figures,
    touch,
    place: (model, bytes) => {
      if (touch(model)) return
      makeRoom(bytes, [])
      models.set(model, bytes)
      resident.add(model)
    },
    reserve: (bytes, keep = []) => {
      makeRoom(bytes, keep)
      const reservation = { bytes, keep }
      reservations.add(reservation)
      return { [Symbol.dispose]: () => void reservations.delete(reservation) }
    },
    clear: () => {
      models.clear()
      resident.clear()
    },
  }
}
