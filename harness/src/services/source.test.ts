import { describe, expect, test } from 'vitest'
import { parseJournalLine } from './journal.ts'
import { resolveSource } from './source.ts'

describe('resolveSource', () => {
  test('auto is the real LiteLLM on Docker, and twins elsewhere', () => {
    expect(resolveSource('litellm', 'auto', 'docker', {})).toEqual({ kind: 'litellm-image' })
    expect(resolveSource('litellm', 'auto', 'process', {})).toEqual({ kind: 'twin' })
    expect(resolveSource('comfyui', 'auto', 'docker', {})).toEqual({ kind: 'twin' })
  })
  test('the environment replaces auto, and nothing else', () => {
    const env = { SQUALL_COMFYUI_IMAGE: 'my/comfy:1', SQUALL_WAN2GP_URL: 'http://gpu:7860/' }
    expect(resolveSource('comfyui', 'auto', 'docker', env)).toEqual({
      kind: 'image',
      reference: 'my/comfy:1',
    })
    expect(resolveSource('comfyui', 'twin', 'docker', env)).toEqual({ kind: 'twin' })
    expect(resolveSource('wan2gp', 'auto', 'docker', env)).toEqual({ kind: 'url', url: 'http://gpu:7860' })
  })
  test('refuses an image without containers, and an address that is none', () => {
    expect(() => resolveSource('comfyui', { image: 'x' }, 'process', {})).toThrow('has no containers')
    expect(() => resolveSource('comfyui', 'auto', 'docker', { SQUALL_COMFYUI_URL: 'gpu:8188' })).toThrow(
      'Cannot use SQUALL_COMFYUI_URL: "gpu:8188" is not an http(s) address',
    )
  })
})

describe('parseJournalLine', () => {
  test('reads a journal line and leaves everything else alone', () => {
    expect(parseJournalLine('{"at":1.5,"event":"job-accepted","jobId":"a"}')).toEqual({
      at: 1.5,
      event: 'job-accepted',
      fields: { jobId: 'a' },
    })
    for (const text of ['', 'hello', '{', '{"ready":true}', '{"at":"x","event":"y"}', '[1]', 'null']) {
      expect(parseJournalLine(text)).toBeUndefined()
    }
  })
})
