/**
 * Preloaded into a twin under test (`--expose-gc --import`): on any message of the parent it collects garbage and tells
 * what is left, and it tells of what nobody caught before Node ends the process.
 */
process.on('message', () => {
  globalThis.gc?.()
  process.send?.({ rss: process.memoryUsage.rss() })
})
// The channel alone must not keep the twin alive.
process.channel?.unref()
