import { describeHostileRequests, type Subject } from '@squall/twin-kit/testing/hardship'

const subject: Subject = {
  main: new URL('main.ts', import.meta.url),
  front: 'uvicorn',
  path: '/gradio_api/app_id',
  jsonPath: '/gradio_api/queue/join',
}

describeHostileRequests(subject)
