/** Looks everywhere at once. What cannot be looked at is said, and stops nothing. */
import type Dockerode from 'dockerode'
import { nowMs } from '../../support/clock.ts'
import { messageOf } from '../../support/errors.ts'
import { engineLooks } from './engine-things.ts'
import { kernelLooks } from './kernel-things.ts'
import { machineLooks } from './machine-things.ts'
import type { Look, Snapshot, Thing } from './thing.ts'

/** @param docker The container engine of the run; without it only this machine is looked at. */
export async function takeSnapshot(docker: Dockerode | undefined): Promise<Snapshot> {
  const beganAt = nowMs()
  const looks = { ...(docker && engineLooks(docker)), ...machineLooks, ...kernelLooks }
  const looked = await Promise.all(Object.entries(looks).map(([place, look]) => lookAt(place, look)))
  return {
    things: looked.flatMap(({ things }) => things),
    unseen: looked.flatMap(({ unseen }) => unseen),
    tookMs: nowMs() - beganAt,
  }
}

async function lookAt(
  place: string,
  look: Look,
): Promise<{ readonly things: readonly Thing[]; readonly unseen: readonly string[] }> {
  try {
    return { things: await look(), unseen: [] }
  } catch (error) {
    return { things: [], unseen: [`${place}: ${messageOf(error)}`] }
  }
}
