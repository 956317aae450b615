/** A container that looks up names when it is told to, in the ways that programs do. */
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'

export type Way =
  /** getaddrinfo(3) of the C library. */
  | 'lookup'
  /** c-ares, which Node has built in, over UDP, with patience for a second. */
  | 'udp'
  /** The same with patience for longer. */
  | 'udp-patient'
  /** A message of our own over TCP, and from one socket of UDP that stays open. */
  | 'tcp'
  | 'same-socket'
  /** Over UDP every few ms, each time from a socket of its own; how many questions nobody answered. */
  | 'steady'

export type Asked = { readonly saw: string | number; readonly tookMs: number }
export type Asker = { ask(way: Way, name: string): Promise<Asked> }

/** Runs in the container: one line "way name" in, one line of JSON out. */
const program = `
const dns = require('node:dns'), net = require('node:net'), dgram = require('node:dgram')
const message = (name) => {
  const label = (it) => Buffer.concat([Buffer.of(it.length), Buffer.from(it)])
  const head = Buffer.from('1234010000010000000000', 'hex')
  return Buffer.concat([head, Buffer.of(0), ...name.split('.').map(label), Buffer.of(0, 0, 1, 0, 1)])
}
const codes = { 2: 'ESERVFAIL', 3: 'ENOTFOUND' }
const same = dgram.createSocket('udp4')
const ares = (timeout, tries) => (name) => new Promise((resolve) => {
  const resolver = new dns.Resolver({ timeout, tries })
  resolver.resolve4(name, (error, found) => resolve(error ? error.code : found[0]))
})
const ways = {
  lookup: (name) => new Promise((resolve) => dns.lookup(name, 4, (error, found) => resolve(error ? error.code : found))),
  udp: ares(1000, 1),
  'udp-patient': ares(10000, 1),
  tcp: (name) => new Promise((resolve) => {
    const socket = net.connect(53, '127.0.0.11', () => {
      const bytes = message(name)
      socket.write(Buffer.concat([Buffer.of(0, bytes.length), bytes]))
    })
    const timer = setTimeout(() => { resolve('ETIMEOUT'); socket.destroy() }, 1000)
    socket.on('error', (error) => resolve(error.code))
    socket.once('data', (it) => {
      clearTimeout(timer)
      socket.destroy()
      const code = it[2 + 3] & 15
      resolve(code === 0 ? [...it.subarray(-4)].join('.') : (codes[code] ?? code))
    })
  }),
  'same-socket': (name) => new Promise((resolve) => {
    const timer = setTimeout(() => resolve('ETIMEOUT'), 1000)
    same.once('message', (it) => { clearTimeout(timer); resolve(it[3] & 15) })
    same.send(message(name), 53, '127.0.0.11')
  }),
  steady: async (name) => {
    const asked = []
    const timer = setInterval(() => asked.push(ways['udp-patient'](name)), 5)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    clearInterval(timer)
    return (await Promise.all(asked)).filter((saw) => saw === 'ETIMEOUT').length
  },
}
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const [way, name] = line.split(' ')
  const began = performance.now()
  const saw = await ways[way](name)
  console.log(JSON.stringify({ saw, tookMs: performance.now() - began }))
}).on('close', () => process.exit())
`

export const askerCommand = ['node', '-e', program]

/** @param container made with `askerCommand` and an open input */
export async function startAsker(container: Docker.Container, docker: Docker): Promise<Asker> {
  const stream = await container.attach({
    ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
  })
  const output = new PassThrough()
  docker.modem.demuxStream(stream, output, process.stderr)
  const lines = createInterface({ input: output })[Symbol.asyncIterator]()
  await container.start()
  return {
    ask: async (way, name) => {
      stream.write(`${way} ${name}\n`)
      const line = await lines.next()
      if (line.done) throw new Error('the container is gone')
      return JSON.parse(line.value) as Asked
    },
  }
}
