/** Wan2GP: video jobs over Gradio. Probed at `/config`, the first thing every Gradio client reads. */
import type { ServiceDefinition } from './definition.ts'

export const wan2gp: ServiceDefinition = {
  id: 'wan2gp',
  port: 7860,
  twin: 'wan2gp',
  probe: () => ({ path: '/config', version: (body) => `gradio ${(body as { version: string }).version}` }),
  twinProgram: () => ({ args: [], env: {} }),
  realProgram: () => ({ args: ['--listen', '--server-port', '7860'], env: {} }),
}
