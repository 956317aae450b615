/**
 * Videos that follow from prompt and seed: the picture of `renderImage`, moving sideways. H.264 in MP4 through a
 * WebAssembly encoder, loaded on first use because it is a megabyte of code.
 */
import { clearMp4Times } from './mp4-times.ts'
import { type ImageOptions, renderFrame } from './render-image.ts'

/** Width and height must be even. */
export type VideoOptions = ImageOptions & { readonly frames: number; readonly fps: number }

/** An MP4 file. The same options give the same bytes. Keep it small: about 5 ms of CPU time per 256 x 256 frame. */
export async function renderVideo(options: VideoOptions): Promise<Buffer> {
  const { width, height, frames, fps } = options
  const encoder = await createEncoder()
  try {
    Object.assign(encoder, { width, height, frameRate: fps, speed: 10, quantizationParameter: 33 })
    encoder.initialize()
    for (let frame = 0; frame < frames; frame++) {
      encoder.addFrameRgba(withAlpha(renderFrame(options, frame)))
    }
    encoder.finalize()
    const file = Buffer.from(encoder.FS.readFile(encoder.outputFilename, { encoding: 'binary' }))
    clearMp4Times(file)
    return file
  } finally {
    encoder.delete()
  }
}

async function createEncoder() {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = new Map(events.map((event) => [event, process.listeners(event as 'uncaughtException')]))
  const { default: library } = await import('h264-mp4-encoder')
  const encoder = await library.createH264MP4Encoder()
  // The library takes over the process's error handling when it loads; a twin must still crash on its own bugs.
  for (const event of events) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before.get(event)?.includes(listener)) process.removeListener(event, listener)
    }
  }
  return encoder
}

function withAlpha(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255)
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from] ?? 0
    rgba[to + 1] = rgb[from + 1] ?? 0
    rgba[to + 2] = rgb[from + 2] ?? 0
  }
  return rgba
}
