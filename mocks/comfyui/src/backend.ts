/** The parts of one running server, put together once and handed to every route. */

import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { createGpu, type Gpu, seededRandom, type TwinContext } from '@squall/twin-kit'
import { featuresOf } from './features.ts'
import { type Folders, openFolders } from './folders.ts'
import { breakableGpu } from './gpu-faults.ts'
import { vramFromFlags } from './gpu-memory.ts'
import { createHistory, type History } from './history.ts'
import { type HttpOptions, httpOptionsFromFlags } from './http-options.ts'
import { raiseInjected } from './injected-failures.ts'
import { mediaTypeOf } from './media-types.ts'
import { modelChecker } from './model-checker.ts'
import { type Models, openModels } from './models.ts'
import type { NodeRun } from './nodes/behaviour.ts'
import { type Catalog, createCatalog } from './nodes/catalog.ts'
import { createCustomChecks } from './nodes/custom-checks.ts'
import { testNodeInfos, volatileClasses } from './nodes/test/catalog.ts'
import type { ComfyuiPoint } from './points.ts'
import { previewsWanted } from './previews.ts'
import { type Profile, profileFromFlags } from './profile.ts'
import { createQueue, type PromptQueue } from './queue.ts'
import { createResultCache } from './result-cache.ts'
import { createServerLog, type ServerLog } from './server-log.ts'
import { createSockets, type Sockets, statusData } from './socket.ts'
import { openUsers, type Users } from './users.ts'
import type { Validation } from './validation/check-node.ts'
import { createWorker, type Worker } from './worker.ts'

/** Everything a route may touch. */
export type Backend = {
  readonly context: TwinContext<ComfyuiPoint>
  readonly models: Models
  readonly folders: Folders
  readonly catalog: Catalog
  readonly customCheck: Validation['customCheck']
  readonly gpu: Gpu
  readonly queue: PromptQueue
  readonly history: History
  readonly worker: Worker
  readonly sockets: Sockets
  readonly profile: Profile
  readonly http: HttpOptions
  readonly log: ServerLog
  readonly users: Users
}

/** Builds a server with an empty queue, an empty history and whatever files the data folder holds. */
export function createBackend(context: TwinContext<ComfyuiPoint>): Backend {
  const { journal, clock, faults } = context
  const profile = profileFromFlags(context.flags)
  const http = httpOptionsFromFlags(context.flags)
  const models = openModels(context.flags, context.dataFolder)
  const folders = openFolders(context.dataFolder)
  const hasTestNodes = context.flags['test-nodes'] === true
  const catalog = createCatalog(models, folders, {
    more: hasTestNodes ? testNodeInfos : {},
    isGone: (className, input) =>
      faults.decide('comfyui.models.list', { class: className, input }) !== undefined,
  })
  const gpu = createGpu({ clock, loadMs: 0, vramBytes: vramFromFlags(context.flags) })
  const history = createHistory()
  const sockets: Sockets = createSockets(context, {
    queueRemaining: () => queue.remaining(),
    executingNode: (clientId) => worker.executingNode(clientId),
    features: featuresOf(http),
    negotiates: profile.hasProgressStates,
    crash: (complaint) => context.crash(1, complaint),
  })
  const queue = createQueue(() => sockets.send('status', statusData(queue.remaining())))
  const temporaryPrefix = fiveLetters(context.seed)
  const worker = createWorker({
    sockets,
    queue,
    history,
    gpu,
    journal,
    catalog,
    profile,
    cache: createResultCache((className) => volatileClasses.has(className)),
    faults,
    now: () => clock.now(),
    tools: ({ promptId, extraData }, node) => ({
      gpu: breakableGpu(gpu, faults, { promptId, clientId: extraData['client_id'], node }),
      temporaryPrefix,
      save: journaledSave(folders, context, promptId),
      readInput: folders.readInput,
      checkModel: modelChecker(models),
      wait: (ms, signal) => clock.wait(ms, signal),
      now: () => clock.now(),
      previewsWanted: previewsWanted(context.flags, extraData),
    }),
  })
  const customCheck = createCustomChecks(folders)
  const log = createServerLog(sockets, () => clock.now())
  const users = openUsers(context.flags, context.dataFolder)
  return {
    context,
    models,
    folders,
    catalog,
    customCheck,
    gpu,
    queue,
    history,
    worker,
    sockets,
    profile,
    http,
    log,
    users,
  }
}

/** Saves a result and notes the digest of what is on disk, which is what a client can fetch. */
function journaledSave(
  folders: Folders,
  { journal, faults }: TwinContext<ComfyuiPoint>,
  jobId: string,
): NodeRun['save'] {
  return async (type, prefix, extension, bytes, batchNumber) => {
    const outcome = await faults.step('comfyui.output.save', { promptId: jobId, type, file: prefix })
    if (outcome.kind === 'fail' && outcome.as !== 'truncated') raiseInjected(outcome.as)
    const written = outcome.kind === 'fail' ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes
    const file = await folders.save(type, prefix, extension, written, batchNumber)
    if (outcome.kind === 'skip') await rm(folders.inside(type, file.subfolder, file.filename) ?? '')
    if (outcome.kind === 'skip') return file
    const stored = await readFile(folders.inside(type, file.subfolder, file.filename) ?? '')
    const sha256 = createHash('sha256').update(stored).digest('hex')
    const mediaType = mediaTypeOf(file.filename)
    journal('output', { jobId, sha256, bytes: stored.length, mediaType, file: file.filename })
    return file
  }
}

function fiveLetters(seed: number): string {
  const random = seededRandom(seed)
  return Array.from({ length: 5 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('')
}
