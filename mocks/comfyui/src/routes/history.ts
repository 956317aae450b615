/** `/history`: finished prompts, paging, deletion (golden 11). Unknown ids are `200 {}`, never 404. */
import type { Route } from '@squall/twin-kit'
import { answerEmpty, answerJson, readJsonObject } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { isTruthy } from '../validation/coerce.ts'
import { iterated } from './queue.ts'

/** Routes for the history. */
export function historyRoutes({ history }: Backend): Route[] {
  return [
    {
      method: 'GET',
      path: '/history',
      handle: ({ response, query }) =>
        answerJson(
          response,
          history.page(wholeNumber(query.get('max_items')), wholeNumber(query.get('offset'))),
        ),
    },
    {
      method: 'GET',
      path: '/history/:id',
      handle: ({ response, params }) => answerJson(response, history.one(params['id'] ?? '')),
    },
    {
      method: 'POST',
      path: '/history',
      handle: async ({ request, response }) => {
        const body = await readJsonObject(request)
        if (isTruthy(body['clear'])) history.clear()
        for (const id of iterated(body['delete'])) history.remove(id)
        answerEmpty(response)
      },
    },
  ]
}

/** A query number; an empty or absent one counts as not given, anything else that is no integer throws (500). */
function wholeNumber(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new TypeError('not a number')
  return Number(text)
}
