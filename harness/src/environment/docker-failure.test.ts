/** Refusals of the engine, in the words of Engine 20.10 and later, become codes and advice. */
import { expect, test } from 'vitest'
import { dockerFailure } from './docker-failure.ts'
import { EngineError } from './engine-error.ts'

const told = (text: string, more: object = {}): [string, string] => {
  const error = dockerFailure(Object.assign(new Error(text), more), 'start comfyui', 'unit-failed', 'look')
  return [error.code, error.message]
}

test.each([
  [
    '(HTTP code 500) server error - driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 127.0.0.1:25202: bind: address already in use',
    'port-in-use',
    'Cannot start comfyui: port 25202 of the host is in use; end the program that listens there',
  ],
  [
    '(HTTP code 500) server error - driver failed: Bind for 0.0.0.0:20001 failed: port is already allocated',
    'port-in-use',
    'Cannot start comfyui: port 20001 of the host is in use; end the program that listens there',
  ],
  [
    '(HTTP code 404) no such container - No such image: squall-twins:1',
    'image-missing',
    'Cannot start comfyui: image squall-twins:1 is not in the engine; build or pull it',
  ],
  [
    'Image "squall-twins:1" does not exist locally and pull policy is "never"',
    'image-missing',
    'Cannot start comfyui: image squall-twins:1 is not in the engine; build or pull it',
  ],
  [
    '(HTTP code 500) server error - mkdir /var/lib/docker/overlay2/x: no space left on device',
    'no-disk-space',
    'Cannot start comfyui: the disk of the engine is full; make room, for example with "docker image prune"',
  ],
  [
    '(HTTP code 409) conflict - Conflict. The container name "/squall-a-b" is already in use by container "17".',
    'name-conflict',
    'Cannot start comfyui: /squall-a-b exists already; run "squall heal"',
  ],
  [
    '(HTTP code 500) server error - could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    'no-network-space',
    'Cannot start comfyui: the engine has no address range left for a network; run "squall heal" or remove unused networks',
  ],
  ['something else', 'unit-failed', 'Cannot start comfyui: something else; look'],
])('%s', (text, code, message) => {
  expect(told(text)).toEqual([code, message])
})

test('an engine that does not answer is told apart from one that refuses', () => {
  const [code, message] = told('connect ECONNREFUSED /var/run/docker.sock', { code: 'ECONNREFUSED' })
  expect(code).toBe('engine-unreachable')
  expect(message).toContain('ECONNREFUSED /var/run/docker.sock')
})

test('an engine error stays what it is', () => {
  const error = new EngineError('reaper-failed', 'Cannot x: y; z')
  expect(dockerFailure(error, 'start comfyui', 'unit-failed', 'look')).toBe(error)
})
