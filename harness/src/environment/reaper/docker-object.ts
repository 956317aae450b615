/**
 * The few things the reaper and `heal` ask of a container engine. Two varieties: docker-socket.ts (the reaper, with
 * nothing but node) and docker-client.ts (the harness, through the connection it has anyway).
 */
export const objectKinds = ['container', 'network', 'volume'] as const
export type ObjectKind = (typeof objectKinds)[number]

export type DockerObject = {
  readonly kind: ObjectKind
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Containers only: whether it runs (a paused one does). */
  readonly running?: boolean
}

export type DockerObjects = {
  /** All that carry every one of the labels ("key=value" or "key"), stopped containers included. */
  list(kind: ObjectKind, labels: readonly string[]): Promise<DockerObject[]>
  /** Removes by force, containers with their anonymous volumes. Gone already counts as removed. Throws when busy. */
  remove(object: DockerObject): Promise<void>
}

/** A container, network or volume as the Docker API lists it. */
type Listed = {
  Id?: string
  Name?: string
  Names?: string[]
  Labels?: Record<string, string> | null
  State?: string
}

/** The Docker API's answer to a list request. */
export function toObjects(kind: ObjectKind, answer: unknown): DockerObject[] {
  const rows = kind === 'volume' ? (answer as { Volumes?: Listed[] | null }).Volumes : (answer as Listed[])
  return (rows ?? []).map((row) => ({
    kind,
    id: row.Id ?? row.Name ?? '',
    name: row.Names?.[0]?.replace(/^\//, '') ?? row.Name ?? '',
    labels: row.Labels ?? {},
    ...(kind === 'container' && { running: row.State === 'running' || row.State === 'paused' }),
  }))
}
