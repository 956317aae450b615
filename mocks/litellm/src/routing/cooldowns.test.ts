/** The rules that decide how long a deployment is left alone; the contract sees only the commonest from outside. */
import { expect, test } from 'vitest'
import { configOf } from '../config/config.ts'
import type { Deployment } from '../config/deployment.ts'
import type { ConfigDocument } from '../config/schema.ts'
import { Cooldowns } from './cooldowns.ts'
import { type FailureName, ModelFailure } from './model-failure.ts'

const minuteMs = 60_000

test.for([
  [429, 2, 1, true],
  [429, 1, 1, false],
  [500, 2, 4, false],
  [500, 2, 5, true],
  [500, 1, 5, false],
  [500, 1, 1000, true],
  [401, 1, 1, true],
  [404, 1, 1, true],
  [400, 2, 50, false],
] as const)(
  'status %d with %d deployments: after %d failures cooling is %s',
  ([status, siblings, count, isCooling]) => {
    const { cooldowns, deployment } = open()
    for (let failure = 0; failure < count; failure++)
      cooldowns.noteFailure(deployment, failed(status), siblings)
    expect(cooldowns.isCooling(deployment)).toBe(isCooling)
  },
)

test('half of the calls may fail', () => {
  const { cooldowns, deployment } = open()
  for (let call = 0; call < 5; call++) {
    cooldowns.noteSuccess(deployment)
    cooldowns.noteFailure(deployment, failed(500), 2)
  }
  expect(cooldowns.isCooling(deployment)).toBe(false)
  cooldowns.noteFailure(deployment, failed(500), 2)
  expect(cooldowns.isCooling(deployment)).toBe(true)
})

test('a minute later all is forgotten', () => {
  const { cooldowns, deployment, later } = open()
  for (let call = 0; call < 4; call++) cooldowns.noteFailure(deployment, failed(500), 2)
  later(minuteMs + 1)
  cooldowns.noteFailure(deployment, failed(500), 2)
  expect(cooldowns.isCooling(deployment)).toBe(false)
})

test('a cooldown lasts as long as the deployment, then the upstream, then the router says', () => {
  const { cooldowns, deployment, later } = open({ router_settings: { cooldown_time: 2 } })
  const own = { ...deployment, id: 'own', cooldownSeconds: 1 }
  const told = { ...deployment, id: 'told' }
  cooldowns.noteFailure(deployment, failed(429), 2)
  cooldowns.noteFailure(own, failed(429, 9), 2)
  cooldowns.noteFailure(told, failed(429, 9), 2)
  expect([deployment, own, told].map((one) => cooldowns.secondsOf([one]))).toEqual([2, 1, 9])
  later(1001)
  expect([deployment, own, told].map((one) => cooldowns.isCooling(one))).toEqual([true, false, true])
  later(1000)
  expect([deployment, own, told].map((one) => cooldowns.isCooling(one))).toEqual([false, false, true])
})

test('allowed_fails: so many failures within one cooldown, whatever their share', () => {
  const { cooldowns, deployment, later } = open({ router_settings: { allowed_fails: 2, cooldown_time: 2 } })
  cooldowns.noteFailure(deployment, failed(500), 1)
  cooldowns.noteFailure(deployment, failed(429), 1)
  expect(cooldowns.isCooling(deployment)).toBe(false)
  cooldowns.noteFailure(deployment, failed(500), 1)
  expect(cooldowns.isCooling(deployment)).toBe(true)
  later(2001)
  cooldowns.noteFailure(deployment, failed(500), 1)
  expect(cooldowns.isCooling(deployment)).toBe(false)
})

test('a policy by kind of failure goes before allowed_fails', () => {
  const policy = { InternalServerErrorAllowedFails: 0 }
  const { cooldowns, deployment } = open({
    router_settings: { allowed_fails: 5, allowed_fails_policy: policy },
  })
  cooldowns.noteFailure(deployment, failed(429), 2)
  expect(cooldowns.isCooling(deployment)).toBe(false)
  cooldowns.noteFailure(deployment, failed(500), 2)
  expect(cooldowns.isCooling(deployment)).toBe(true)
})

test('cooldowns can be switched off, for all or by a time of 0', () => {
  const off = open({ router_settings: { disable_cooldowns: true } })
  off.cooldowns.noteFailure(off.deployment, failed(429), 2)
  expect(off.cooldowns.isCooling(off.deployment)).toBe(false)
  const { cooldowns, deployment } = open()
  cooldowns.noteFailure({ ...deployment, cooldownSeconds: 0 }, failed(429), 2)
  expect(cooldowns.isCooling(deployment)).toBe(false)
})

function open(more: Partial<ConfigDocument> = {}) {
  const models = [{ model_name: 'a', litellm_params: { model: 'openai/b' } }]
  const { routing, deployments } = configOf({ model_list: models, ...more }, () => undefined)
  const time = { now: 1 }
  const [deployment] = deployments as [Deployment]
  return {
    cooldowns: new Cooldowns(routing, () => time.now),
    deployment,
    later: (ms: number) => {
      time.now += ms
    },
  }
}

const names: Readonly<Record<number, FailureName>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  404: 'NotFoundError',
  429: 'RateLimitError',
}

function failed(status: number, retryAfterSeconds?: number): ModelFailure {
  const name = names[status] ?? 'InternalServerError'
  return new ModelFailure({ name, status, said: name, type: 'x', retryAfterSeconds })
}
