/** How the Allure page is made: one file, grouped by what is shown; what Vitest says about itself is left out. */
export default {
  name: 'Squall',
  hideLabels: [
    'framework',
    'language',
    'host',
    'thread',
    'package',
    'parentSuite',
    'suite',
    'subSuite',
    'scenario',
    'epic',
  ],
  // Tests of single pieces carry no labels of their own; the suites do.
  defaultLabels: { feature: 'Pieces (unit and docker tests)' },
  plugins: {
    awesome: {
      options: {
        singleFile: true,
        reportName: 'Squall',
        groupBy: ['feature', 'story'],
        stepTreeExpansion: 'expand_failed_only',
      },
    },
  },
}
