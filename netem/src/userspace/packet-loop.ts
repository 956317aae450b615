/**
 * The loop of the worker thread. It sleeps in ppoll(2) until a frame arrives, the next one is due, or the main thread
 * calls; it never returns to Node's own loop, because timers there are good to a millisecond only.
 */
import { beatEveryMs } from './heartbeat.ts'
import { addressOf, nullPointer, type Pointer, ppoll, prctl, setPriority, setScheduler } from './libc.ts'
import { pollIn, scheduling } from './linux.ts'

/** What the loop serves: frames of one direction. */
export type Served = {
  readonly fd: number
  readonly firstDueMs: number
  takeIn(): void
  release(nowMs: number): void
  /** A sign of life, each turn. */
  beat(nowMs: number): void
}

/** An upper bound on one sleep, should a call get lost, and for the sake of the beats. */
const sleepMsMax = beatEveryMs

/** struct pollfd: fd, events, revents; struct timespec: seconds, nanoseconds. */
const pollBytes = 8
const eventsAt = 4
const answerAt = 6
const timespecBytes = 16
const nanosecondsAt = 8
const nsPerMs = 1e6

/** Modest, and above everything that is not real-time. */
const realTimePriority = 10
const niceMin = -20

/**
 * Serves until `onCall` says stop.
 * @param callFd readable when the main thread wants something
 * @param servedNow asked anew after each call
 */
export function runPacketLoop(
  callFd: number,
  servedNow: () => readonly Served[],
  onCall: () => 'go on' | 'stop',
): void {
  wakeOnTime()
  const timeout = Buffer.alloc(timespecBytes)
  const timeoutAt = addressOf(timeout)
  let waiting = pollSet(callFd, servedNow())
  for (;;) {
    const nowMs = performance.now()
    for (const served of waiting.served) {
      served.beat(nowMs)
      served.release(nowMs)
    }
    timeout.writeInt32LE(Math.floor(sleepMs(waiting.served) * nsPerMs), nanosecondsAt)
    if (ppoll(waiting.at, waiting.served.length + 1, timeoutAt, nullPointer) <= 0) continue
    waiting.served.forEach(takeInIfReadable, waiting)
    if (waiting.memory.readInt16LE(answerAt) === 0) continue
    if (onCall() === 'stop') {
      standBack()
      return
    }
    waiting = pollSet(callFd, servedNow())
  }
}

type PollSet = { readonly served: readonly Served[]; readonly memory: Buffer; readonly at: Pointer }

/** The call comes first, then what is served, in its order. */
function pollSet(callFd: number, served: readonly Served[]): PollSet {
  const memory = Buffer.alloc(pollBytes * (served.length + 1))
  for (const [index, fd] of [callFd, ...served.map((it) => it.fd)].entries()) {
    memory.writeInt32LE(fd, index * pollBytes)
    memory.writeInt16LE(pollIn, index * pollBytes + eventsAt)
  }
  return { served, memory, at: addressOf(memory) }
}

function takeInIfReadable(this: PollSet, served: Served, index: number): void {
  if (this.memory.readInt16LE((index + 1) * pollBytes + answerAt) !== 0) served.takeIn()
}

function sleepMs(served: readonly Served[]): number {
  let untilMs = Number.POSITIVE_INFINITY
  for (const { firstDueMs } of served) untilMs = Math.min(untilMs, firstDueMs)
  return Math.min(sleepMsMax, Math.max(0, untilMs - performance.now()))
}

/**
 * Like everybody else again. While a real-time thread ends, it yields to others that it waits for, and none of them
 * gets a turn on a machine of one processor: measured there, it was 1.4 s until the main thread heard of it, now 15 ms.
 */
function standBack(): void {
  setScheduler(0, scheduling.other, addressOf(Buffer.alloc(4)))
  setPriority(scheduling.priorityOfProcess, 0, 0)
}

/** As punctual as the machine allows: no slack on timers, real-time scheduling, or else the best nice value. */
function wakeOnTime(): void {
  prctl(scheduling.setTimerSlack, 1, 0, 0, 0)
  const parameters = Buffer.alloc(4)
  parameters.writeInt32LE(realTimePriority)
  if (setScheduler(0, scheduling.fifo, addressOf(parameters)) < 0) {
    setPriority(scheduling.priorityOfProcess, 0, niceMin)
  }
}
