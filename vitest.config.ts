import { defineConfig } from 'vitest/config'
import { projects } from './vitest.workspace.ts'

export default defineConfig({
  test: {
    projects,
    retry: 0,
    // Allure needs its reporter configured here: it also installs the runtime that steps and labels go to.
    reporters: [
      'default',
      ['allure-vitest/reporter', { resultsDir: 'reports/allure-results', reportMatchers: false }],
    ],
  },
})
