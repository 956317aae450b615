import { expect, test } from 'vitest'
import { publicText } from './errors.ts'

test('keys, paths and later lines do not leave the client', () => {
  const text = 'Invalid key sk-abc-123 in /home/user/models/x.safetensors or C:\\models\\y.ckpt\nTraceback'
  expect(publicText(text)).toBe('Invalid key <key> in <path> or <path>')
  expect(publicText('x'.repeat(500))).toHaveLength(200)
})

test('what only looks like a path stays', () => {
  expect(publicText('steps 1/20, GET /prompt')).toBe('steps 1/20, GET /prompt')
})
