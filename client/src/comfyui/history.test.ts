import { expect, test } from 'vitest'
import { filesOf } from './history.ts'

const file = (filename: string, type = 'output') => ({ filename, subfolder: '', type })
const success = { status_str: 'success', completed: true, messages: [] }

test('files of all nodes, in the order of the node ids; texts and previews are left out', () => {
  const outputs = {
    '10': { images: [file('b.png')], animated: [false] },
    '9': { text: ['a caption'], images: [file('a.png')] },
    '11': { images: [file('preview.png', 'temp')] },
  }
  expect(filesOf({ status: success, outputs }).map((found) => found.filename)).toEqual(['a.png', 'b.png'])
})

test('a graph with previews only has those', () => {
  const outputs = { '3': { images: [file('preview.png', 'temp')] } }
  expect(filesOf({ status: success, outputs })).toMatchObject([{ filename: 'preview.png', type: 'temp' }])
})

const failed = (kind: string, data: object) => ({
  status: {
    status_str: 'error',
    completed: false,
    messages: [
      ['execution_start', {}],
      [kind, data],
    ],
  },
  outputs: { '9': { images: [file('a.png')] } },
})

test('an interruption and a failure are told apart by the last message', () => {
  expect(() => filesOf(failed('execution_interrupted', { node_type: 'KSampler' }))).toThrow(
    expect.objectContaining({ errorClass: 'execution', code: 'interrupted' }),
  )
  const memory = {
    node_type: 'KSampler',
    exception_type: 'torch.OutOfMemoryError',
    exception_message: 'Allocation on device\nThis error means you ran out of memory on your GPU.',
  }
  expect(() => filesOf(failed('execution_error', memory))).toThrow(
    expect.objectContaining({ errorClass: 'execution', code: 'out-of-memory' }),
  )
})
