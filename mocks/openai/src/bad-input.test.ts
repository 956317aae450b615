import { describeHostileRequests, type Subject } from '@squall/twin-kit/testing/hardship'

const subject: Subject = {
  main: new URL('main.ts', import.meta.url),
  front: 'uvicorn',
  path: '/v1/models',
  jsonPath: '/v1/chat/completions',
}

describeHostileRequests(subject)
