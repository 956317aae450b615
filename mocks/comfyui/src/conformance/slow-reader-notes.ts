/** Golden 15: a client that never reads, and the two flags its operator started the server with afterwards. */

import { connectSilently } from './raw-web-socket.ts'
import type { NoteContext, ReplayCase } from './replay-state.ts'

/** Flags by the note that names them. The last start of the recording had a small upload limit as well. */
const restarts: Readonly<Record<string, readonly string[]>> = {
  '--enable-compress-response-body': ['--enable-compress-response-body'],
  '--enable-cors-header': ['--enable-cors-header=*', '--max-upload-size=1'],
}

/** Plays such a note. */
export async function playSlowReaderNote(text: string, context: NoteContext): Promise<readonly ReplayCase[]> {
  const flags = restarts[text]
  if (flags !== undefined) await context.restart(flags)
  if (text.startsWith('S connects on a raw socket')) {
    context.held.set('S', await connectSilently(context.url, 'slow'))
  }
  if (text.startsWith("S's socket is closed")) context.held.get('S')?.destroy()
  const seen = /^frames A has received so far: (\d+)$/.exec(text)?.[1]
  if (seen === undefined) return []
  const actual = String(context.framesOf('A'))
  return [actual === seen ? { name: text } : { name: text, difference: `expected ${seen}, actual ${actual}` }]
}
