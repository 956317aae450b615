/** How a case can end. */
import { expect, test } from 'vitest'
import type { Case, ContractTarget } from './case.ts'
import { CaseSkipped, check } from './compare.ts'
import { defineContract } from './define-contract.ts'
import { runGroups } from './run-groups.ts'

const target: ContractTarget = {
  url: 'http://127.0.0.1:1',
  lacks: (need) => (need === 'gpu' ? 'there is no GPU' : undefined),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

const passes: Case<ContractTarget> = { name: 'passes', run: () => Promise.resolve() }
const fails: Case<ContractTarget> = {
  name: 'fails',
  run: async () => {
    await Promise.resolve()
    check('x', 1, 2)
  },
}
const cases: readonly Case<ContractTarget>[] = [
  passes,
  fails,
  { name: 'throws', run: () => Promise.reject(new TypeError('no such thing')) },
  { name: 'hangs', budgetMs: 20, run: () => Promise.withResolvers<void>().promise },
  { name: 'needs', needs: ['gpu', 'air'], run: () => Promise.reject(new Error('was run')) },
  { name: 'gives up', run: () => Promise.reject(new CaseSkipped('the server is busy')) },
]

test('a case passes, fails, is skipped with a reason, and never stops the others', async () => {
  const results = await runGroups([{ name: 'g', cases }], target)
  expect(
    results.map(({ name, outcome, reason, differences }) => [name, outcome, reason ?? differences]),
  ).toEqual([
    ['g: passes', 'passed', undefined],
    ['g: fails', 'failed', [{ path: 'x', expected: '2', got: '1' }]],
    [
      'g: throws',
      'failed',
      [{ path: 'case', expected: 'an end without an error', got: 'TypeError: no such thing' }],
    ],
    ['g: hangs', 'failed', [{ path: 'case', expected: 'an end within 20 ms', got: 'none' }]],
    ['g: needs', 'skipped', 'there is no GPU'],
    ['g: gives up', 'skipped', 'the server is busy'],
  ])
})

test('a documented difference has its reason, and fails when it is none any more', async () => {
  const known = { 'g: fails': 'no such number here', 'g: passes': 'used to differ' }
  const results = await runGroups([{ name: 'g', cases: [passes, fails] }], target, { known })
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'differs'])
  expect(results[0]?.differences?.[0]?.got).toBe('no difference any more')
  expect(results[1]?.reason).toBe('no such number here')
})

test('a server that cannot be looked at is one failed case', async () => {
  const contract = defineContract({
    service: 'x',
    startTwin: () => Promise.reject(new Error('not wanted')),
    recognises: () => Promise.resolve(true),
    open: () => Promise.reject(new Error('connection refused')),
    groups: [{ name: 'g', cases }],
    twinDiffers: {},
  })
  expect(await contract.run('http://127.0.0.1:1', { mayHarm: false })).toMatchObject([
    { name: 'open', outcome: 'failed', differences: [{ got: 'connection refused' }] },
  ])
})
