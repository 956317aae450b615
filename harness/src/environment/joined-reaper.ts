/**
 * A second line to the reaper of a run that was left up: its fault by hand is undone when whoever put it in force goes,
 * and the environment stays. The reaper also keeps apart what several of them do at once, and knows what is in force.
 */
import type Dockerode from 'dockerode'
import { messageOf } from '../support/errors.ts'
import type { DockerReaper } from './docker-reaper-client.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import type { Claim, ListedClaim } from './reaper/claims.ts'
import type { ReaperState } from './reaper/request.ts'
import { introduce } from './reaper-line.ts'

export type JoinedReaper = Pick<DockerReaper, 'running' | 'intend' | 'leave' | 'release'> & {
  state(): Promise<ReaperState>
  /** To be taken before harm is done, and disposed after it is healed. @throws EngineError `fault-in-force` */
  claim(claim: Claim): Promise<AsyncDisposable>
  /** Asks everybody who has a fault in force to heal it. */
  recall(): Promise<void>
  /** Called each time somebody asks for that. */
  onRecall(listener: () => void): void
  /** The environment stays up for so long from now on. */
  renew(leaseMs: number): Promise<void>
}

export type JoinOptions = {
  readonly docker: Dockerode
  /** Where its published port is. */
  readonly host: string
  readonly runId: string
  /** The reaper's container. */
  readonly containerId: string
  /** How long we may be silent before we are taken for gone, ms. */
  readonly ttlMs: number
  readonly onLost: ReaperLost
}

/** A reaper that runs answers at once; an older one that does not know the question never does. */
const joinBudgetMs = 3_000

/** @throws EngineError `environment-gone` when it does not answer. */
export async function joinReaper(options: JoinOptions): Promise<JoinedReaper> {
  const { docker, host, runId, containerId, ttlMs, onLost } = options
  const container = docker.getContainer(containerId)
  const first = { kind: 'list' } as const
  const line = await introduce(host, container, first, { runId, budgetMs: joinBudgetMs }).catch(
    (cause: unknown) => {
      const state = `its reaper does not answer (${messageOf(cause)})`
      const advice = `take it down: squall down ${runId}`
      throw new EngineError('environment-gone', `Cannot reach environment ${runId}: ${state}; ${advice}`, {
        cause,
      })
    },
  )
  let hasLeft = false
  const lost = (why: string): void => {
    if (hasLeft) return
    hasLeft = true
    onLost(new EngineError('reaper-lost', `Cannot guard environment ${runId}: ${why}; see squall status`))
  }
  line.keepAlive(ttlMs, lost)
  void line.closed.then(() => lost('the line to its reaper broke'))
  let claims = 0
  const leave = (): void => {
    hasLeft = true
    line.end()
  }
  return {
    running: Promise.resolve(),
    intend: (undo) => line.intend(undo),
    leave,
    release: async () => leave(),
    state: async () => (await line.ask(first)) as ReaperState,
    recall: async () => void (await line.ask({ kind: 'recall' })),
    onRecall: (listener) => line.onRecall(listener),
    renew: async (ms) => void (await line.ask({ kind: 'lease', ms })),
    claim: async (claim) => {
      const id = String(++claims)
      const rival = (await line.ask({ kind: 'claim', id, claim })) as ListedClaim | undefined
      if (rival !== undefined) throw refusal(claim, rival, runId)
      return { [Symbol.asyncDispose]: () => line.ask({ kind: 'unclaim', id }).then(nothing, nothing) }
    },
  }
}

function refusal({ fault, unit }: Claim, rival: ListedClaim, runId: string): EngineError {
  const rest = rival.forMs === undefined ? '' : ` for ${seconds(rival.forMs - rival.ageMs)} more`
  const state = `${rival.fault} is in force at ${unit}${rest}`
  const advice = `wait, or end it: squall heal --run ${runId}`
  return new EngineError('fault-in-force', `Cannot begin ${fault}: ${state}; ${advice}`)
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(0)} s`
}

function nothing(): void {}
