import { expect, test } from 'vitest'
import type { HistoryEvent } from '../history/event.ts'
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

test('the names of faults that begin close together stand below each other', () => {
  const page = render('two', [
    ...history,
    ...killed(20, 100, true, true, 1),
    ...killed(240, 250, true, true, 2),
  ])
  const heights = [...page.matchAll(/y="(\d+)" font-weight="700">kill of comfyui/g)].map(([, y]) => Number(y))
  const [first, second, third] = heights
  expect(heights).toHaveLength(3)
  expect(second).toBeGreaterThan(first ?? 0)
  // The last one is far from both.
  expect(third).toBe(first)
})

function render(title: string, events: readonly HistoryEvent[] = history): string {
  const experiment = scriptedExperiment({ title })
  return renderTimeline(experiment, events, judge(experiment, events))
}
