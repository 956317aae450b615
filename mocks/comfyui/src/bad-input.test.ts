import { describeHostileRequests, type Subject } from '@squall/twin-kit/testing/hardship'

const subject: Subject = {
  main: new URL('main.ts', import.meta.url),
  front: 'aiohttp',
  path: '/prompt',
  jsonPath: '/prompt',
}

describeHostileRequests(subject)
