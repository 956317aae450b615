/**
 * Preloaded into a twin under test (`--expose-gc --import`): on any message of the parent it collects garbage and tells
 * how much is left: resident memory without the empty pages that V8 keeps for later.
 */
process.on('message', () => {
  globalThis.gc?.()
  const { rss, heapTotal, heapUsed } = process.memoryUsage()
  process.send?.({ bytes: rss - (heapTotal - heapUsed) })
})
// The channel alone must not keep the twin alive.
process.channel?.unref()
