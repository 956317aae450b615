/** The workflow as saving nodes write it into their files: by name, in the spelling of the server. */
import { stringifyPython } from '@squall/twin-kit'
import type { NodeRun } from './behaviour.ts'

/** `prompt` always, then every member of `extra_pnginfo` (usually `workflow`). */
export function workflowTexts({
  graph,
  extraData,
}: Pick<NodeRun, 'graph' | 'extraData'>): Record<string, string> {
  const extra = extraData['extra_pnginfo']
  const members = typeof extra === 'object' && extra !== null ? Object.entries(extra) : []
  const texts = members.map(([key, value]): [string, string] => [key, stringifyPython(value)])
  return { prompt: stringifyPython(graph), ...Object.fromEntries(texts) }
}
