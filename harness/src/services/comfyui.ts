/** ComfyUI: image jobs. Probed at `/system_stats`, which answers only when every node class is loaded. */
import type { ServiceDefinition } from './definition.ts'

export const comfyui: ServiceDefinition = {
  id: 'comfyui',
  port: 8188,
  twin: 'comfyui',
  probe: () => ({
    path: '/system_stats',
    version: (body) => (body as { system: { comfyui_version: string } }).system.comfyui_version,
  }),
  twinProgram: () => ({ args: [], env: {} }),
  // Published images start the server themselves; `--listen` is what all of them pass on (comfyui.md section 1).
  realProgram: () => ({ args: [], env: { CLI_ARGS: '--listen 0.0.0.0 --port 8188' } }),
}
