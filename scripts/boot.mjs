/**
 * The one way in: `npm start`, `npm test` and the other npm scripts come here. Plain JavaScript without
 * dependencies, because it must run on a machine that has nothing but an old Node and npm. It brings Node 24,
 * pnpm, the dependencies and a container engine, says in one line what it does and why, and hands over.
 * Only the version check stands here: an older Node must be able to read this file to be told so.
 */
const major = Number(process.versions.node.split('.')[0])
if (major < 18) {
  console.error(
    'squall: Cannot start on Node ' +
      process.versions.node +
      ': 18 is the oldest that works; install Node 24.',
  )
  process.exit(3)
}
const { boot } = await import('./boot/boot.mjs')
await boot(process.argv.slice(2))
