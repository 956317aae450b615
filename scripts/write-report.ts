/**
 * `npm run report`: makes the Allure page again from `reports/allure-results`. For CI, where the results of several
 * jobs are put together first, and for looking at a run whose page was lost.
 */
import { dieWithParent } from './die-with-parent.ts'
import { writeAllureReport } from './report.ts'

dieWithParent()
console.log(await writeAllureReport())
