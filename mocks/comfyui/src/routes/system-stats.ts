/** `/system_stats` (golden 12): versions as recorded, a graphics card in place of the CPU, memory as it is now. */
import type { Gpu, Route } from '@squall/twin-kit'
import { answerJson } from '../answer.ts'
import type { Backend } from '../backend.ts'
import type { Profile } from '../profile.ts'

const gib = 1024 ** 3

/** The route. */
export function systemStatsRoutes({ gpu, profile }: Backend): Route[] {
  return [
    {
      method: 'GET',
      path: '/system_stats',
      handle: ({ response }) => answerJson(response, { system: systemOf(profile), devices: [deviceOf(gpu)] }),
    },
  ]
}

/** Torch holds what is in use and no more, so nothing of it is free; the driver itself takes nothing. */
function deviceOf(gpu: Gpu): Readonly<Record<string, unknown>> {
  const { totalBytes, freeBytes, usedBytes } = gpu.vram()
  return {
    name: 'cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync',
    type: 'cuda',
    index: 0,
    vram_total: totalBytes,
    vram_free: freeBytes,
    torch_vram_total: usedBytes,
    torch_vram_free: 0,
  }
}

function systemOf(profile: Profile): Readonly<Record<string, unknown>> {
  return {
    os: 'linux',
    ram_total: 64 * gib,
    ram_free: 48 * gib,
    comfyui_version: profile.version,
    required_frontend_version: '1.49.6',
    installed_templates_version: '0.11.44',
    required_templates_version: '0.11.44',
    comfy_package_versions: [
      { name: 'comfyui-frontend-package', installed: '1.49.6', required: '1.49.6' },
      { name: 'comfyui-workflow-templates', installed: '0.11.44', required: '0.11.44' },
      { name: 'comfyui-embedded-docs', installed: '0.5.10', required: '0.5.10' },
      { name: 'comfy-kitchen', installed: '0.2.31', required: '0.2.31' },
      { name: 'comfy-aimdo', installed: '0.4.13', required: '0.4.13' },
    ],
    python_version: '3.11.7 (main, May  9 2026, 07:35:25) [GCC 12.2.0]',
    pytorch_version: '2.13.0+cu130',
    embedded_python: false,
    deploy_environment: 'local-git',
    argv: ['main.py', '--listen'],
  }
}
