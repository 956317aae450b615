/**
 * The pipe from the GPU worker to `process_tasks`. The worker never waits for a reader: when the consumer is gone
 * it goes on and its commands are lost, which is why denoising outlives a closed browser.
 */

/** What the worker tells. `status` sets the status line, `output` announces a file, `exit` ends the worker. */
export type Command =
  | { readonly kind: 'status'; readonly text: string }
  | {
      readonly kind: 'progress'
      readonly steps: readonly [number, number] | null
      readonly description: string
    }
  | { readonly kind: 'preview'; readonly step: number }
  | { readonly kind: 'output' }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'exit' }

/** A pipe with one reader. */
export type CommandStream = {
  readonly push: (command: Command) => void
  /** The oldest unread command; waits for one. */
  readonly next: () => Promise<Command>
}

/** Build an empty pipe. */
export function createCommandStream(): CommandStream {
  const commands: Command[] = []
  let wake: (() => void) | undefined
  return {
    push: (command) => {
      commands.push(command)
      wake?.()
    },
    next: async () => {
      for (;;) {
        const command = commands.shift()
        if (command !== undefined) return command
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
