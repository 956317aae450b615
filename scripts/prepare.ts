/** What a test run needs before its first test: the images. Building LiteLLM takes a minute, once, and says so. */
import { prepareImages } from '@squall/harness'

/** Ends the program with code 3 and the reason when an image cannot be had. Nothing to do on the process engine. */
export async function prepare(): Promise<void> {
  if (process.env.SQUALL_ENGINE === 'process') return
  const progress = (line: string): void => console.log(line)
  try {
    await prepareImages(process.env, { progress, warn: progress })
  } catch (error) {
    console.error(`squall: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(3)
  }
}
