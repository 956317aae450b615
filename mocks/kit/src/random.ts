/** Seeded chance. The same seed gives the same sequence on every machine; nothing here reads the clock. */

/** Generator of numbers in [0, 1). mulberry32: 32 bits of state, good enough for pictures and jitter, not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = mixSeed(seed)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A 32-bit seed from a text (FNV-1a over UTF-16 units) and an optional number. */
export function seedFromText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ mixSeed(seed)
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** Folds a number of up to 64 bits (as a double) into 32 bits, so that seeds above 2^32 differ too. */
function mixSeed(seed: number): number {
  return ((seed % 2 ** 32) ^ Math.imul(Math.floor(seed / 2 ** 32) | 0, 0x9e3779b1)) | 0
}
