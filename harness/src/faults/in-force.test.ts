import { expect, test } from 'vitest'
import { openInForce } from './in-force.ts'

const kill = { kind: 'kill', signal: 'SIGKILL' } as const
const pause = { kind: 'pause' } as const
const cpu = { kind: 'cpu', cpus: 1 } as const

function entered(place: ReturnType<ReturnType<typeof openInForce>['enter']>): Disposable {
  if ('refused' in place) throw new Error(place.refused)
  return place
}

test('one fault of a claim per target; afterwards there is room again', () => {
  const inForce = openInForce(3)
  const first = entered(inForce.enter(kill, 'comfyui'))
  expect(inForce.enter(pause, 'comfyui')).toEqual({ refused: 'kill of comfyui was in force already' })
  entered(inForce.enter(cpu, 'comfyui'))
  entered(inForce.enter(pause, 'wan2gp'))
  first[Symbol.dispose]()
  entered(inForce.enter(pause, 'comfyui'))
})

test('no more targets than allowed; doing nothing to one more is fine', () => {
  const inForce = openInForce(1)
  entered(inForce.enter(kill, 'comfyui'))
  entered(inForce.enter(cpu, 'comfyui'))
  entered(inForce.enter({ kind: 'noop' }, 'wan2gp'))
  expect(inForce.enter(cpu, 'wan2gp')).toEqual({
    refused: 'comfyui was under a fault, and blastRadiusMax is 1',
  })
})

test('a target is held down by another fault that owns its life, not by the one that asks', () => {
  const inForce = openInForce(3)
  entered(inForce.enter(cpu, 'comfyui'))
  expect(inForce.isHeldDown('comfyui', cpu)).toBe(false)
  entered(inForce.enter(kill, 'comfyui'))
  expect(inForce.isHeldDown('comfyui', kill)).toBe(false)
  expect(inForce.isHeldDown('comfyui', cpu)).toBe(true)
  expect(inForce.isHeldDown('wan2gp', cpu)).toBe(false)
})
