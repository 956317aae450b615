/**
 * A client as small as can be, and without any recovery: it hands a graph in, asks the history until the job is there,
 * and fetches the file. Squall shows what that costs:
 *
 *   npm run -s squall -- run examples/comfyui-killed.yaml --subject examples/naive-client.ts
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Subject } from '@squall/harness'

type Entry = { outputs: Record<string, { images?: { filename: string; subfolder: string; type: string }[] }> }

export const subject: Subject = {
  name: 'naive',
  async start({ endpoints, emit }) {
    const url = endpoints.comfyui
    let requests = 0
    const get = (path: string, init: RequestInit): Promise<Response> => {
      requests += 1
      return fetch(`${url}${path}`, init)
    }
    return {
      async discover() {
        await get('/system_stats', {})
        emit({ type: 'health', service: 'comfyui', state: 'HEALTHY' })
        return [{ service: 'comfyui', state: 'connected' }]
      },
      async submit(job, signal) {
        if (job.kind !== 'image') throw Object.assign(new Error('only images'), { failureClass: 'refused' })
        const answer = await get('/prompt', {
          method: 'POST',
          body: JSON.stringify({ prompt: job.workflow }),
          signal,
        })
        const { prompt_id: jobId } = (await answer.json()) as { prompt_id: string }
        return { job, service: 'comfyui', jobId }
      },
      async follow({ jobId }, signal) {
        for (;;) {
          const history = (await (await get(`/history/${jobId}`, { signal })).json()) as Record<string, Entry>
          const images = Object.values(history[jobId]?.outputs ?? {}).flatMap((output) => output.images ?? [])
          const [image] = images
          if (image === undefined) {
            await pause(50, undefined, { signal })
            continue
          }
          const file = await get(`/view?${new URLSearchParams(image).toString()}`, { signal })
          const bytes = new Uint8Array(await file.arrayBuffer())
          return { outputs: [{ mediaType: file.headers.get('content-type') ?? '', bytes }] }
        }
      },
      stats: () => ({
        requests,
        connectionsOpened: 0,
        acquisitionMs: { mean: 0, p99: 0, max: 0 },
        retries: 0,
        reconnects: 0,
      }),
      async [Symbol.asyncDispose]() {},
    }
  },
}
