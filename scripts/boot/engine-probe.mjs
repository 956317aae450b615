/**
 * Does a container engine answer? One raw `GET /_ping`, capped, without any library, because this runs before
 * the dependencies matter and on every start. Nothing here changes the machine.
 */
import { existsSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

const pingMsMax = 1_000

/**
 * @typedef {{ answers: true, host: string } | { answers: false, reason: string }} ProbeResult
 *   host: as DOCKER_HOST spells it; reason: a clause for "because ..."
 */

/** Where engines put their sockets, most usual first. The same places that testcontainers looks at. */
export function usualSockets() {
  if (process.platform === 'win32') return ['//./pipe/docker_engine']
  const runtime = process.env.XDG_RUNTIME_DIR
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [path.join(runtime, 'docker.sock')]),
    path.join(os.homedir(), '.docker/run/docker.sock'),
    path.join(os.homedir(), '.docker/desktop/docker.sock'),
  ]
}

/**
 * @param {string | undefined} dockerHost value of DOCKER_HOST; it wins over the sockets
 * @param {readonly string[]} sockets paths to try
 * @returns {Promise<ProbeResult>}
 */
export async function probeEngine(dockerHost, sockets) {
  if (dockerHost !== undefined && dockerHost !== '') return probeHost(dockerHost)
  /** @type {ProbeResult} */
  let result = { answers: false, reason: 'no Docker socket was found' }
  for (const socket of sockets) {
    if (process.platform !== 'win32' && !existsSync(socket)) continue
    const trouble = await ping({ socketPath: socket })
    if (trouble === undefined) return { answers: true, host: `${schemeOf(socket)}${socket}` }
    result = { answers: false, reason: `${socket} ${trouble}` }
  }
  return result
}

/** @param {string} socket */
function schemeOf(socket) {
  return socket.startsWith('//./pipe/') ? 'npipe://' : 'unix://'
}

/** @param {string} dockerHost @returns {Promise<ProbeResult>} */
async function probeHost(dockerHost) {
  const trouble = await pingHost(dockerHost)
  return trouble === undefined
    ? { answers: true, host: dockerHost }
    : { answers: false, reason: `DOCKER_HOST (${dockerHost}) ${trouble}` }
}

/** @param {string} dockerHost */
async function pingHost(dockerHost) {
  const local = /^(?:unix|npipe):\/\/(.+)$/.exec(dockerHost)?.[1]
  if (local !== undefined) return ping({ socketPath: local })
  if (dockerHost.startsWith('ssh://')) return undefined // only the docker library can try
  let url
  try {
    url = new URL(dockerHost.replace(/^tcp:/, 'http:'))
  } catch {
    return 'is not an address'
  }
  const port = Number(url.port || 2375)
  // With TLS the daemon wants a client certificate; that it listens must do here.
  if (process.env.DOCKER_TLS_VERIFY || url.protocol === 'https:') return connects(url.hostname, port)
  return ping({ host: url.hostname, port })
}

/**
 * @param {http.RequestOptions} where
 * @returns {Promise<string | undefined>} the trouble, or undefined if it answered
 */
function ping(where) {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(pingMsMax)
    const request = http.get({ ...where, path: '/_ping', signal, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? undefined : `answers with status ${response.statusCode}`)
    })
    request.on('error', (error) => resolve(troubleOf(error)))
  })
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} */
function connects(host, port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, signal: AbortSignal.timeout(pingMsMax) })
    socket.on('connect', () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.on('error', (error) => resolve(troubleOf(error)))
  })
}

/** @param {Error} error */
function troubleOf(error) {
  const code = 'code' in error ? String(error.code) : error.name
  if (code === 'EACCES' || code === 'EPERM') return 'may not be opened by this user'
  if (code === 'ABORT_ERR' || code === 'AbortError') return `does not answer within ${pingMsMax} ms`
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return 'has nobody listening'
  return `cannot be reached (${code})`
}
