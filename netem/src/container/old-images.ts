/**
 * Images that are made from sources pile up as these change. The engine itself remembers when one was used last: each
 * use tags it again, as it is called already, and the engine notes the time. So every checkout and every machine that
 * shares the engine can tell what nobody has used for long, and nobody takes away what another is about to start.
 */
import type Docker from 'dockerode'

/** Label of every image that Squall makes; its value says which kind. Their repository is `squall-<kind>`. */
const label = 'dev.squall.image'

/** Making one again costs some seconds; a checkout that rests over the holidays has to. */
const unusedMsMin = 7 * 24 * 3_600_000

/** How the engine refuses: there is none; a container is made from it. */
const [gone, inUse] = [404, 409]

/** Notes that it is used now. False when the engine has no such image. */
export async function noteUse(docker: Docker, reference: string): Promise<boolean> {
  const colon = reference.lastIndexOf(':')
  const name = { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
  return await docker.getImage(reference).tag(name).then(yes, noIf(gone))
}

/**
 * Removes the images of a kind that nobody has used for long. Never one that a container is made from, running or not,
 * nor one that somebody gave a name of his own. Several at once do no harm. Never rejects: whoever has just made an image
 * goes on with it, whatever the engine says about old ones.
 * @param current one that is in use; the engine's clock is read from it
 * @returns references that are gone
 */
export async function pruneImages(docker: Docker, options: PruneOptions): Promise<readonly string[]> {
  const removed: string[] = []
  await prune(docker, options, removed).catch(() => undefined)
  return removed
}

export type PruneOptions = { readonly kind: string; readonly current: string; readonly unusedMs?: number }

async function prune(
  docker: Docker,
  { kind, current, unusedMs = unusedMsMin }: PruneOptions,
  removed: string[],
): Promise<void> {
  const now = await clockOf(docker, current)
  if (now === undefined) return
  const filters = JSON.stringify({ label: [`${label}=${kind}`], dangling: ['false'] })
  const images = await docker.listImages({ filters })
  const needed = new Set((await docker.listContainers({ all: true })).map(({ ImageID }) => ImageID))
  for (const { Id: id, RepoTags: references } of images) {
    if (needed.has(id) || !isOurs(references, kind)) continue
    // Asked right before: a use that was just noted counts.
    const usedAt = await lastUsedAt(docker, id)
    if (usedAt === undefined || now - usedAt < unusedMs) continue
    for (const reference of references) {
      if (await docker.getImage(reference).remove().then(yes, noIf(gone, inUse))) removed.push(reference)
    }
  }
}

/** Undefined for an engine that does not note uses: it would let go of what is in use. */
async function clockOf(docker: Docker, current: string): Promise<number | undefined> {
  await noteUse(docker, current)
  const before = await lastUsedAt(docker, current)
  await noteUse(docker, current)
  const after = await lastUsedAt(docker, current)
  return before !== undefined && after !== undefined && after > before ? after : undefined
}

function isOurs(references: readonly string[] | undefined, kind: string): references is readonly string[] {
  return references?.every((reference) => reference.startsWith(`squall-${kind}:`)) === true
}

/** ms since 1970, by the engine's clock. Undefined when it is gone, or the engine does not say. */
async function lastUsedAt(docker: Docker, reference: string): Promise<number | undefined> {
  const image = docker.getImage(reference).inspect()
  const found = await image.catch((error: unknown) => void noIf(gone)(error))
  // Missing in the types of dockerode.
  const { LastTagTime: text } = (found as { Metadata?: { LastTagTime?: string } } | undefined)?.Metadata ?? {}
  const at = Date.parse(text ?? '')
  return at > 0 ? at : undefined
}

function yes(): true {
  return true
}

/** @throws every refusal but those that are expected */
function noIf(...expected: readonly number[]): (error: unknown) => false {
  return (error) => {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
    if (typeof status === 'number' && expected.includes(status)) return false
    throw error
  }
}
