import { expect, test } from 'vitest'
import { planExecution } from './execution-order.ts'
import type { Graph } from './graph.ts'
import { sd15Graph } from './testing/sd15-graph.ts'

const node = (...from: readonly string[]): Graph[string] => ({
  class_type: 'ImageInvert',
  inputs: Object.fromEntries(from.map((id) => [`image${id}`, [id, 0]])),
})

function orderOf(graph: Graph, outputs: readonly string[], cached: readonly string[] = []): string[] {
  const plan = planExecution(
    graph,
    outputs,
    (id) => cached.includes(id),
    (id) => outputs.includes(id),
  )
  const order: string[] = []
  for (let id = plan.next(); id !== undefined; id = plan.next()) {
    order.push(id)
    plan.finish(id)
  }
  return order
}

test('the stock workflow runs in the recorded order', () => {
  expect(orderOf(sd15Graph(), ['9'])).toEqual(['4', '5', '7', '6', '3', '8', '9'])
})

test('what feeds an output goes before what only leads to one later', () => {
  const graph = { a: node(), b: node('a'), c: node('b'), save: node('c'), d: node(), show: node('d') }
  expect(orderOf(graph, ['save', 'show'])).toEqual(['d', 'show', 'a', 'b', 'c', 'save'])
})

test('two steps before an output counts too, and an output goes as soon as it can', () => {
  const graph = {
    a: node(),
    b: node('a'),
    c: node('b'),
    d: node('c'),
    save: node('d'),
    e: node(),
    f: node('e'),
    show: node('f'),
  }
  expect(orderOf(graph, ['save', 'show'])).toEqual(['e', 'f', 'show', 'a', 'b', 'c', 'd', 'save'])
})

test('cached nodes and nodes no output needs are left out; a cached output still reports', () => {
  const graph = { a: node(), b: node('a'), save: node('b'), lonely: node() }
  expect(orderOf(graph, ['save'], ['a', 'b'])).toEqual(['save'])
  expect(orderOf(graph, ['save'], ['a', 'b', 'save'])).toEqual(['save'])
})
