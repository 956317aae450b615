/** Preloaded into a server: SIGUSR2 collects garbage, so that memory can be compared without it. Needs --expose-gc. */
process.on('SIGUSR2', () => globalThis.gc?.())
