/**
 * Requests per second and core on cheap endpoints. autocannon loads the server from a process of its own; what is
 * divided by is the CPU time that the server's process used, so the figure holds even where the load generator has
 * too little of the machine to keep the server busy.
 */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { Server } from './server.ts'
import type { Rate } from './throughput.ts'

export type Endpoint = { readonly twin: string; readonly path: string }

/** Cheap: no file, no simulated work, an answer of at most a few hundred bytes. */
export const endpoints: readonly Endpoint[] = [
  { twin: 'comfyui', path: '/prompt' },
  { twin: 'comfyui', path: '/queue' },
  { twin: 'comfyui', path: '/system_stats' },
  { twin: 'comfyui', path: '/history/x' },
  { twin: 'wan2gp', path: '/gradio_api/app_id' },
  { twin: 'wan2gp', path: '/gradio_api/queue/status' },
  { twin: 'litellm', path: '/health/liveliness' },
  { twin: 'litellm', path: '/v1/models' },
  { twin: 'openai', path: '/v1/models' },
]

/** Enough to keep one server busy; more only adds work for the generator. */
const connections = 32

const autocannon = createRequire(import.meta.url).resolve('autocannon')
const run = promisify(execFile)

/** Loads one endpoint. @throws if any answer was not 2xx. */
export async function measureRate(server: Server, path: string, seconds: number): Promise<Rate> {
  const cpuBefore = server.cpuMs()
  const args = [autocannon, '--json', '-c', String(connections), '-d', String(seconds), server.url + path]
  const { stdout } = await run(process.execPath, args)
  const cpuSeconds = (server.cpuMs() - cpuBefore) / 1000
  const result = JSON.parse(stdout) as { '2xx': number; non2xx: number; errors: number; duration: number }
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`Cannot measure ${path}: ${result.non2xx} bad answers, ${result.errors} errors`)
  const requests = result['2xx']
  return {
    perCore: requests / cpuSeconds,
    perSecond: requests / result.duration,
  }
}
