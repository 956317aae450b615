/** Waits real time, for what the contract can only see later. */
import { createClock } from '@squall/twin-kit'

export async function wait(ms: number): Promise<void> {
  await createClock(1).waitReal(ms)
}
