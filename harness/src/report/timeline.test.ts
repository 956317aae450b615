import { expect, test } from 'vitest'
import {
  accepted,
  at,
  health,
  info,
  invoke,
  killed,
  ok,
  scriptedExperiment,
} from '../verdict/scripted-run.ts'
import { judge } from '../verdict/verdict.ts'
import { renderTimeline } from './timeline.ts'

const history = [
  ...[health(0, 'HEALTHY'), invoke(1, 'a'), accepted(2, 'a', 'p1'), invoke(1, 'b'), accepted(3, 'b', 'p2')],
  at(5, { type: 'job', service: 'comfyui', jobId: 'p1', what: 'started' }),
  ...killed(10, 100),
  health(15, 'UNHEALTHY'),
  health(130, 'HEALTHY'),
  at(140, { type: 'job', service: 'comfyui', jobId: 'p1', what: 'resubmitted', newJobId: 'p3' }),
  ok(250, 'a'),
  info(260, 'b', '<img src=x onerror=alert(1)>'),
]

test('the page shows the fault, the health, every job and its fate', () => {
  const page = render('killed')
  expect(page).toContain('kill of comfyui')
  expect(page).toContain('comfyui health')
  expect(page).toContain('image a')
  expect(page).toContain('p1 was gone; handed in again')
  expect(page).toContain('handed in 2 times')
  expect(page).toContain('noticed after <b>5 ms</b>')
  expect(page).toContain('<span class="outcome fail">lost</span>')
})

test('nothing in it is fetched from anywhere, and nothing of a server becomes markup', () => {
  const page = render('<script>alert(1)</script>')
  expect(page).not.toMatch(/https?:\/\//)
  expect(page).not.toMatch(/<script|<img|<link/)
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
})

function render(title: string): string {
  const experiment = scriptedExperiment({ title })
  return renderTimeline(experiment, history, judge(experiment, history))
}
