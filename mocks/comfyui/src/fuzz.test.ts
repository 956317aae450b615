import { describeFuzz } from '@squall/twin-kit/testing/fuzz-http'
import { sd15Graph } from './testing/sd15-graph.ts'

const graph = { '1': { class_type: 'PreviewAny', inputs: { source: 'text' }, _meta: { title: 'a' } } }

describeFuzz({
  main: new URL('main.ts', import.meta.url),
  flags: ['--test-nodes'],
  routes: [
    ...['GET /prompt', 'POST /prompt', 'POST /prompt', 'POST /prompt', 'GET /queue', 'POST /queue', 'POST /interrupt'],
    ...['POST /free', 'GET /history', 'GET /history/#', 'POST /history', 'GET /view?filename=#&type=#&subfolder=#'],
    ...['GET /view?filename=a.png&preview=#&channel=#', 'POST /upload/image', 'POST /upload/mask', 'GET /object_info'],
    ...['GET /object_info/#', 'GET /models', 'GET /models/#', 'GET /embeddings', 'GET /system_stats', 'GET /features'],
    ...['GET /api/jobs?status=#&limit=#&offset=#&sort_by=#', 'GET /api/jobs/#', 'POST /api/jobs/#/cancel'],
    ...['POST /api/jobs/cancel', 'GET /users', 'POST /users', 'GET /settings', 'POST /settings', 'GET /settings/#'],
    ...['POST /settings/#', 'GET /userdata?dir=#&recurse=#&full_info=#&split=#', 'GET /v2/userdata?path=#'],
    ...['GET /userdata/#', 'POST /userdata/#?overwrite=#&full_info=#', 'DELETE /userdata/#', 'POST /userdata/#/move/#'],
    ...['GET /experiment/models/#', 'GET /experiment/models/preview/#/#/#', 'GET /view_metadata/#?filename=#'],
    ...['GET /internal/logs', 'GET /internal/files/#', 'PATCH /internal/logs/subscribe', 'GET /ws?clientId=#', 'GET /#'],
  ],
  words: [
    ...['prompt', 'client_id', 'prompt_id', 'number', 'front', 'extra_data', 'partial_execution_targets', 'clear'],
    ...['delete', 'unload_models', 'free_memory', 'job_ids', 'username', 'clientId', 'enabled', 'class_type', 'inputs'],
    ...['class', '1', '3', '9', 'checkpoints', 'loras', 'output', 'input', 'temp', 'a.png', 'true', 'false', 'completed'],
    ...['created_at', 'asc', 'webp;50', 'jpeg;x', 'rgb', 'a', 'KSampler', 'PreviewAny', 'TFail', 'SaveImage', '.', '..'],
  ],
  bodies: [
    { prompt: graph, client_id: 'fuzz', extra_data: { extra_pnginfo: { workflow: { id: 'w' } } } },
    { prompt: sd15Graph(), client_id: 'fuzz', number: 1, front: false, partial_execution_targets: ['9'] },
    { clear: true, delete: ['x'] },
    { unload_models: true, free_memory: false },
    { job_ids: ['x'] },
    { clientId: 'fuzz', enabled: true },
    { filename: 'a.png', subfolder: '', type: 'input' },
  ],
  failures: async ({ url }) => await (await fetch(`${url}/internal/logs`)).text(),
})
