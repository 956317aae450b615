/**
 * Dialects of older servers, for clients that must work with more than one. What a version does not have yet is decided
 * by the history of the source (protocol notes 9), not by a recording; what is not listed is as in 0.33.
 */
import { type FlagDefinitions, type FlagValues, TwinError } from '@squall/twin-kit'

/** Since which version the server does what. */
const since = {
  /** `progress_state`, `feature_flags`, `/features` and previews with metadata. */
  hasProgressStates: '0.3.44',
  /** `partial_execution_targets`. */
  hasTargets: '0.3.47',
  /** `/interrupt` for one prompt. */
  hasTargetedInterrupt: '0.3.56',
  /** `extra_data.create_time` in queue and history. */
  hasCreateTime: '0.3.68',
  /** `/api/jobs`. */
  hasJobs: '0.5.1',
  /** Ticks between the first and the last are dropped if they come too fast. */
  throttlesTicks: '0.9.1',
  /** Unknown classes are `missing_node_type` and not `invalid_prompt`. */
  namesMissingNodes: '0.11.1',
  /** Requests that a browser calls cross-site are refused. */
  checksFetchSite: '0.18.1',
  /** A `prompt_id` of the client must be a UUID. */
  needsUuid: '0.24.0',
  /** `/api/jobs/cancel` and `/api/jobs/{id}/cancel`. */
  hasJobCancel: '0.25.0',
  /** `/view` sends active content as a download and forbids guessing types. */
  hardensViews: '0.27.0',
} as const

/** What a server of some version does. */
export type Profile = { readonly version: string } & { readonly [Feature in keyof typeof since]: boolean }

const [oldest, newest] = ['0.3.40', '0.33.0']

/** The flag that chooses. */
export const profileFlags: FlagDefinitions = {
  profile: {
    type: 'string',
    description: `version of the protocol, from ${oldest} to 0.33`,
    default: '0.33',
  },
}

/** Reads the flag. Throws TwinError `bad-flag` for anything but a version in the range. */
export function profileFromFlags(flags: FlagValues): Profile {
  const given = String(flags['profile'] ?? newest)
  const version = /^\d+\.\d+$/.test(given) ? `${given}.0` : given
  if (!/^\d+\.\d+\.\d+$/.test(version) || isBefore(version, oldest) || isBefore(newest, version)) {
    throw new TwinError(
      'bad-flag',
      `Cannot read the flags: --profile is '${given}'; give a version from ${oldest} to 0.33`,
    )
  }
  const features = Object.entries(since).map(([feature, first]) => [feature, !isBefore(version, first)])
  return { version, ...(Object.fromEntries(features) as Omit<Profile, 'version'>) }
}

function isBefore(left: string, right: string): boolean {
  const [one, other] = [left, right].map((version) => version.split('.').map(Number))
  const at = one?.findIndex((part, index) => part !== other?.[index]) ?? -1
  return at !== -1 && (one?.[at] ?? 0) < (other?.[at] ?? 0)
}
