/**
 * What a release does with `mock_*` fields in a request body; it changed twice in 2026 (litellm.md, 3.2). Only 1.101
 * was compared with the real one; the older ones follow documentation and pull requests ([D], [I]), and differ in
 * nothing else here.
 */

export const releases = {
  /** Everything a client sends is honoured. */
  '1.83': { version: '1.83.14', hearsResponse: true, hearsTesting: true, hearsTiming: true, refuses: false },
  /** 1.84 to 1.95: answers and `mock_testing_*` are dropped in silence. */
  '1.95': { version: '1.95.0', hearsResponse: false, hearsTesting: false, hearsTiming: true, refuses: false },
  /** From 1.96: what could be heard is refused. */
  '1.101': {
    version: '1.101.6',
    hearsResponse: false,
    hearsTesting: false,
    hearsTiming: false,
    refuses: true,
  },
} as const satisfies Readonly<Record<string, Release>>

export type ReleaseName = keyof typeof releases

export type Release = {
  /** As the header says it. */
  readonly version: string
  /** `mock_response`, `mock_tool_calls`. */
  readonly hearsResponse: boolean
  /** `mock_testing_*`. */
  readonly hearsTesting: boolean
  /** `mock_delay`, `mock_timeout`. */
  readonly hearsTiming: boolean
  /** 400 instead, unless the configuration allows them; then they are heard. */
  readonly refuses: boolean
}

/** The release with what the configuration allows. */
export function releaseOf(name: ReleaseName, allowsMockTesting: boolean): Release {
  const release = releases[name]
  if (!release.refuses || !allowsMockTesting) return release
  return { ...release, hearsTesting: true, hearsTiming: true, refuses: false }
}
