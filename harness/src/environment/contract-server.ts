/**
 * The program the engine contract runs as a unit: a small HTTP server, as source text for `node -e`, so that the
 * same text runs in a container that has node and nothing else.
 *
 *   GET /                  "up"
 *   GET /variable?name=N   that environment variable
 *   GET /write?text=T      writes T into a file of the data folder
 *   GET /read?path=P       that file (the one of /write by default)
 *   GET /fetch?url=U       what U answers, seen from inside
 *   GET /lookup?name=N     its address, or why it has none, e.g. ENOTFOUND
 *   GET /burn?ms=N         uses so much CPU time, however long that takes
 *   GET /interfaces        names of the network interfaces, loopback left out
 *   GET /spawn             "spawned", or why no process could be
 *   GET /grow?mb=N         takes and keeps so much memory
 *   GET /connections       how many connections it has, this one included
 */
import type { Placement, ProcessProgram } from './engine.ts'

export const serverSource = `
const { createServer } = require('node:http')
const { readFileSync, writeFileSync } = require('node:fs')
const { lookup } = require('node:dns')
const { networkInterfaces } = require('node:os')
const { spawnSync } = require('node:child_process')
const kept = []
const file = process.env.DATA + '/kept.txt'
const answers = {
  '/': () => 'up',
  '/variable': (query) => process.env[query.get('name')] ?? '',
  '/write': (query) => writeFileSync(file, query.get('text')) ?? 'written',
  '/read': (query) => readFileSync(query.get('path') ?? file, 'utf8'),
  '/fetch': async (query) => (await fetch(query.get('url'))).text(),
  '/lookup': (query) => new Promise((done) => lookup(query.get('name'), (error, address) => done(error?.code ?? address))),
  '/burn': (query) => {
    const before = process.cpuUsage()
    const usedMs = ({ user, system }) => (user + system) / 1000
    while (usedMs(process.cpuUsage(before)) < Number(query.get('ms')));
    return 'burnt'
  },
  '/spawn': () => spawnSync(process.execPath, ['--version']).error?.code ?? 'spawned',
  '/grow': (query) => kept.push(Buffer.alloc(query.get('mb') * 2 ** 20, 1)),
  '/connections': () => new Promise((done) => server.getConnections((_error, count) => done(count))),
  '/interfaces': () => Object.keys(networkInterfaces()).filter((name) => name !== 'lo').join(),
}
const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://unit')
  try { response.end(String(await answers[pathname](searchParams))) }
  catch (error) { response.writeHead(500).end(String(error)) }
})
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening on ' + process.env.PORT))
process.on('SIGTERM', () => process.exit(0))
`

/** Ignores SIGTERM and says so. */
export const stubbornSource = `
process.on('SIGTERM', () => console.log('not now'))
setInterval(() => undefined, 1000)
console.log('stubborn')
`

/** Writes to both streams and dies at once, in the middle of a line. */
export const shortLivedSource = `
process.stdout.write('first\\nsecond \\u00fc\\n')
process.stderr.write('the reason')
process.exitCode = 3
`

/** Environment that `serverSource` reads, for a unit placed with a port called "http". */
export function serverEnvironment(placement: Placement): Record<string, string> {
  const { listen } = placement.ports['http'] ?? { listen: { host: '127.0.0.1', port: 0 } }
  return { HOST: listen.host, PORT: String(listen.port), DATA: placement.dataFolder }
}

/** The source as a program of the process engine. */
export function asProcess(source: string): ProcessProgram {
  return { kind: 'process', command: process.execPath, args: ['-e', source] }
}
