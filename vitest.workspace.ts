/**
 * The list of test projects. Vitest 5 no longer reads this file by itself; `vitest.config.ts` imports it.
 * What a test needs is in its name: `*.docker.test.ts` needs a container engine, `suites/` need a whole stack.
 */
import { availableParallelism } from 'node:os'
import type { TestProjectInlineConfiguration } from 'vitest/config'

const stack = { fileParallelism: false, pool: 'forks', testTimeout: 120_000, hookTimeout: 180_000 } as const

export const projects: TestProjectInlineConfiguration[] = [
  {
    extends: true,
    test: {
      name: 'unit',
      include: ['{harness,netem,client,subjects,mocks/*}/src/**/*.test.ts', 'scripts/**/*.test.ts'],
      exclude: ['**/*.docker.test.ts', '**/node_modules/**'],
      testTimeout: 20_000,
      // Most of them wait, for timeouts of the twins above all. Vitest's own choice on two cores is one worker.
      maxWorkers: Math.max(2, Math.ceil(availableParallelism() / 2)),
      sequence: { groupOrder: 0 },
    },
  },
  {
    extends: true,
    test: {
      name: 'docker',
      include: ['{harness,netem,client,subjects,mocks/*}/src/**/*.docker.test.ts'],
      ...stack,
      sequence: { groupOrder: 1 },
    },
  },
  ...(['e2e', 'recovery', 'load'] as const).map(
    (name, index): TestProjectInlineConfiguration => ({
      extends: true,
      test: { name, include: [`suites/${name}/**/*.test.ts`], ...stack, sequence: { groupOrder: 2 + index } },
    }),
  ),
]
