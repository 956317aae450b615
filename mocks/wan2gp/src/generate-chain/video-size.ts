/**
 * How big the video really is. Clients ask for 832 x 480 and more; the twin keeps shape and length and draws
 * fewer pixels, so that a job costs well under 0.3 s of CPU time (about 0.1 s at the limit).
 */

/** Pixels of all frames together. The encoder makes about 13 million a second. */
const pixelsMax = 1_500_000
const framesMax = 120
const sideMin = 32
/** H.264 works in blocks of 16 pixels. */
const block = 16

/** The size to render for the size that was asked for. Sides are multiples of 16 unless smaller ones were asked. */
export function videoSize(asked: { width: number; height: number; frames: number }): {
  width: number
  height: number
  frames: number
} {
  const frames = Math.min(Math.max(asked.frames, 1), framesMax)
  const scale = Math.min(1, Math.sqrt(pixelsMax / (asked.width * asked.height * frames)))
  const side = (pixels: number): number => Math.max(sideMin, Math.floor((pixels * scale) / block) * block)
  return { width: side(asked.width), height: side(asked.height), frames }
}
