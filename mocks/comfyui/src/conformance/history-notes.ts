/** Golden 11 keeps its paging requests in notes: `GET /history?max_items=2 -> 200: [3, 4]`, by position. */
import { exchange } from './http-exchange.ts'
import type { NoteContext, ReplayCase } from './replay-state.ts'

/** Plays such a note, and the one that says which five prompts there are. */
export async function playHistoryNote(text: string, { url, learn }: NoteContext): Promise<ReplayCase[]> {
  const ids = /^five prompts, oldest first: (.*)$/.exec(text)?.[1]
  if (ids !== undefined) {
    for (const [index, recorded] of (JSON.parse(ids) as string[]).entries()) {
      learn(recorded, await runText(url, `h${index}`))
    }
    return []
  }
  const [, path, status, positions] = /^GET (\S+) -> (\d+): (.*)$/.exec(text) ?? []
  if (path === undefined || status === undefined || positions === undefined) return []
  const name = `GET ${path}`
  const actual = await pageOf(url, path)
  const expected = positions.startsWith('[') ? `${status}: ${positions}` : `${status}: no list`
  return [actual === expected ? { name } : { name, difference: `expected ${expected}, actual ${actual}` }]
}

async function pageOf(url: string, path: string): Promise<string> {
  const get = (of: string) => exchange(url, { method: 'GET', path: of, headers: {} })
  const all = Object.keys(JSON.parse((await get('/history')).body.toString()) as object)
  const { status, body } = await get(path)
  if (status !== 200) return `${status}: no list`
  const shown = Object.keys(JSON.parse(body.toString()) as object)
  return `${status}: [${shown.map((id) => all.indexOf(id)).join(', ')}]`
}

/** Submits one text prompt and waits until history has it. */
async function runText(url: string, text: string): Promise<string> {
  const prompt = { 1: { class_type: 'TText', inputs: { text } } }
  const body = Buffer.from(JSON.stringify({ prompt }))
  const submitted = await exchange(url, { method: 'POST', path: '/prompt', headers: {}, body })
  const { prompt_id: id } = JSON.parse(submitted.body.toString()) as { prompt_id: string }
  for (let entry = '{}'; entry === '{}'; ) {
    const { body: shown } = await exchange(url, { method: 'GET', path: `/history/${id}`, headers: {} })
    entry = shown.toString()
  }
  return id
}
