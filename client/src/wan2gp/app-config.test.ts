import { expect, test } from 'vitest'
import { argumentsOf, findEndpoint } from './app-config.ts'

const config = {
  components: [
    { id: 1, type: 'state', props: {} },
    { id: 2, type: 'textbox', props: { value: 'a default' } },
    { id: 3, type: 'slider', props: { value: 30 } },
    { id: 4, type: 'gallery', props: {} },
  ],
  dependencies: [
    { id: 10, api_name: 'save_inputs_2', inputs: [2] },
    { id: 11, api_name: 'save_inputs_1', inputs: [2, 1, 3, 4] },
    { id: 12, api_name: 'save_inputs_more', inputs: [] },
  ],
}
const named = (name: string) => ({ parameter_name: name })
const info = {
  named_endpoints: { '/save_inputs_1': { parameters: [named('prompt'), named('steps'), named('gallery')] } },
}

test('the lowest suffix of the base name wins, other names that begin alike do not count', () => {
  expect(findEndpoint(config, info, 'save_inputs').fnIndex).toBe(11)
  const first = {
    ...config,
    dependencies: [...config.dependencies, { id: 13, api_name: 'save_inputs', inputs: [] }],
  }
  expect(findEndpoint(first, info, 'save_inputs').fnIndex).toBe(13)
})

test('State keeps its place as null and does not shift the names after it', () => {
  const endpoint = findEndpoint(config, info, 'save_inputs')
  expect(argumentsOf(endpoint, { steps: 4 })).toEqual(['a default', null, 4, null])
  expect(argumentsOf(endpoint, { prompt: 'a cat' })).toEqual(['a cat', null, 30, null])
})

test('an app without the endpoint is refused by name', () => {
  expect(() => findEndpoint(config, info, 'process_tasks')).toThrow('it has no endpoint "process_tasks"')
})
