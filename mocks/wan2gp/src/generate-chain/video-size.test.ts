/** The limit on work: shape and length stay, pixels shrink. */
import { expect, test } from 'vitest'
import { videoSize } from './video-size.ts'

test.each([
  [
    { width: 128, height: 80, frames: 8 },
    { width: 128, height: 80, frames: 8 },
  ],
  [
    { width: 832, height: 480, frames: 81 },
    { width: 176, height: 96, frames: 81 },
  ],
  [
    { width: 1280, height: 704, frames: 1 },
    { width: 1280, height: 704, frames: 1 },
  ],
  [
    { width: 99999, height: 1, frames: 0 },
    { width: 99984, height: 32, frames: 1 },
  ],
])('%j', (asked, expected) => {
  expect(videoSize(asked)).toEqual(expected)
})
