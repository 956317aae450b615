/**
 * Child processes of boot. Each leads a process group of its own, for two reasons: Ctrl-C reaches it exactly
 * once, through boot (the terminal signals boot's group, and npm signals boot again); and its whole family can
 * be ended by one number. The price: Ctrl-Z stops boot but not the child.
 */
import { spawn, spawnSync } from 'node:child_process'
import os from 'node:os'
import { after } from './clock.mjs'

/** npm repeats the terminal's signal; the repetition comes within this time and is the same wish. */
const repeatMsMax = 250

/** How long a child may clean up after its starter's death before it is killed. */
const graceMs = 300

/** @type {readonly NodeJS.Signals[]} */
const forwarded =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGWINCH']

/** All children of one boot. */
export function createFamily() {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const living = new Set()
  /** @type {Map<string, number>} */
  const lastAt = new Map()
  /** @type {{ signal: NodeJS.Signals | undefined }} */
  const state = { signal: undefined }

  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    const now = Date.now()
    if (now - (lastAt.get(signal) ?? 0) < repeatMsMax) return
    lastAt.set(signal, now)
    if (signal !== 'SIGWINCH') state.signal = signal
    for (const child of living) child.kill(signal)
    if (living.size === 0 && signal !== 'SIGWINCH') process.exit(codeOf(signal))
  }
  for (const signal of forwarded) process.on(signal, onSignal)

  return {
    /**
     * Starts a program in its own process group and waits for its end.
     * @param {string} file
     * @param {readonly string[]} args
     * @param {import('node:child_process').SpawnOptions} options
     * @returns {Promise<{ code: number, output: string }>} output: what it wrote, where stdio is piped
     */
    run(file, args, options) {
      if (state.signal !== undefined) return Promise.reject(new Error(`stopped by ${state.signal}`))
      const detached = process.platform !== 'win32'
      const child = spawn(file, args, { ...options, detached })
      living.add(child)
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
          output += text
        })
      }
      return new Promise((resolve, reject) => {
        child.on('error', (error) => {
          living.delete(child)
          reject(error)
        })
        child.on('close', (code, signal) => {
          living.delete(child)
          resolve({ code: code ?? codeOf(signal ?? 'SIGKILL'), output })
        })
      })
    },

    /** The signal that asked boot itself to stop, if any. */
    get stoppedBy() {
      return state.signal
    },

    /** Ends all children, politely and then not, and boot after them. For the death of the starter. */
    end() {
      state.signal ??= 'SIGTERM'
      for (const child of living) child.kill('SIGTERM')
      after(graceMs, () => {
        for (const child of living) killTree(child)
        process.exit(codeOf('SIGTERM'))
      })
      if (living.size === 0) process.exit(codeOf('SIGTERM'))
    },
  }
}

/** @typedef {ReturnType<typeof createFamily>} Family */

/** 128 + number, as shells do. @param {NodeJS.Signals} signal */
export function codeOf(signal) {
  return 128 + (os.constants.signals[signal] ?? 0)
}

/** @param {import('node:child_process').ChildProcess} child */
function killTree(child) {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'])
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is already gone.
  }
}
