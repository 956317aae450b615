/**
 * Progress lines for people. They go to standard error, so that standard output carries results only; with
 * `--json` they are silent. Levels and structure are knowingly missing: what machines need is in the history.
 */
export type Log = {
  /** Something was done or begins: "comfyui ready in 312 ms". */
  progress(line: string): void
  /** Something is not as it should be, but the work goes on. Also shown with `--json`. */
  warn(line: string): void
}

/** @param write receives whole lines with their line end; standard error by default. */
export function openLog(options: { readonly json: boolean; readonly write?: (line: string) => void }): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(line))
  return {
    progress: (line) => {
      if (!options.json) write(`${line}\n`)
    },
    warn: (line) => write(`warning: ${line}\n`),
  }
}

/** For callers that do not care. */
export const silentLog: Log = { progress: () => undefined, warn: () => undefined }
