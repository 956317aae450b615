/** What a prompt under way tells the world: messages to the submitter, and the ones that history keeps. */
import type { StatusMessage } from './history.ts'
import { outOfMemoryType, type PythonError, pythonTraceback, type TracebackPlace } from './python-error.ts'
import type { Sockets } from './socket.ts'

/** The voice of one prompt. */
export type ExecutionEvents = {
  /** A message that also becomes part of the history entry. Only an interruption is told to everybody. */
  readonly tell: (event: string, data: Readonly<Record<string, unknown>>) => void
  /** A message for the submitter alone; dropped if there is none. */
  readonly sendToSubmitter: (type: string, data: unknown) => void
  readonly messages: readonly StatusMessage[]
}

/** Builds it. Without `clientId` most messages go to nobody. */
export function createExecutionEvents(
  sockets: Pick<Sockets, 'send'>,
  options: { readonly promptId: string; readonly clientId: unknown; readonly now: () => number },
): ExecutionEvents {
  const { promptId, clientId, now } = options
  const messages: StatusMessage[] = []
  const sendToSubmitter = (type: string, data: unknown): void => {
    if (clientId !== undefined) sockets.send(type, data, clientId)
  }
  return {
    messages,
    sendToSubmitter,
    tell: (event, data) => {
      const message = { prompt_id: promptId, ...data, timestamp: Math.trunc(now()) }
      messages.push([event, message])
      if (event === 'execution_interrupted') sockets.send(event, message, clientId)
      else sendToSubmitter(event, message)
    },
  }
}

/** Where every exception of a node comes through. */
const outerPlaces: readonly TracebackPlace[] = [
  ['execution.py', 545, 'execute'],
  ['execution.py', 344, 'get_output_data'],
  ['execution.py', 318, '_async_map_node_over_list'],
  ['execution.py', 306, 'process_inputs'],
]

const outOfMemoryTips =
  'This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have accidentally set the batch_size to a large number.'

/** Whether this is the GPU's own out-of-memory error: the server unloads all models then. */
export function isOutOfMemory(error: PythonError): boolean {
  return error.type === outOfMemoryType
}

/** The part of `execution_error` that follows from the exception (golden 06). */
export function errorFields(error: PythonError): Readonly<Record<string, unknown>> {
  return {
    exception_message: `${error.message}\n${isOutOfMemory(error) ? outOfMemoryTips : ''}`,
    exception_type: error.type,
    traceback: pythonTraceback(...outerPlaces, ...error.places),
  }
}
