/** Measures CPU time and memory of every unit of the run, at a steady pace, until disposed. */
import type { Recorder } from '../history/recorder.ts'
import type { Service } from '../services/service.ts'
import { every } from '../support/clock.ts'

const sampleEveryMs = 500

/** A unit that is down at the moment of a sample has none; that is no error. */
export function recordSamples(services: Iterable<Service>, recorder: Recorder): Disposable {
  const busy = new Set<string>()
  const ended = new AbortController()
  const sampleAll = (): void => {
    for (const service of services) {
      if (service.unit === undefined || busy.has(service.id)) continue
      busy.add(service.id)
      void service.unit
        .stats()
        .then(
          (stats) => {
            if (!ended.signal.aborted) recorder.append({ type: 'sample', service: service.id, ...stats })
          },
          () => undefined,
        )
        .finally(() => busy.delete(service.id))
    }
  }
  sampleAll()
  const timer = every(sampleEveryMs, sampleAll)
  return {
    [Symbol.dispose]() {
      timer[Symbol.dispose]()
      ended.abort()
    },
  }
}
