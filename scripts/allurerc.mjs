/** How the Allure page is made: one file, grouped by suite, steps of failed tests opened. */
export default {
  name: 'Squall',
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
