/**
 * Dialects of older servers, for clients that must work with both (protocol notes 9). What is not listed here is as
 * in 0.33. The facts of 0.3.43 come from the history of the source, not from a recording.
 */
import { type FlagDefinitions, type FlagValues, TwinError } from '@squall/twin-kit'

/** What differs between dialects. */
export type Profile = {
  /** `progress_state`, `feature_flags`, `/features` and previews with metadata (since 0.3.44). */
  readonly hasProgressStates: boolean
  /** Ticks between the first and the last are dropped if they come too fast (since about 0.9.1). */
  readonly throttlesTicks: boolean
  /** `/api/jobs` (since about 0.5.1). */
  readonly hasJobs: boolean
  /** A `prompt_id` of the client must be a UUID (since about 0.24). */
  readonly needsUuid: boolean
  /** `extra_data.create_time` in queue and history (since 0.3.68). */
  readonly hasCreateTime: boolean
  /** `partial_execution_targets` (since 0.3.47) and `/interrupt` for one prompt (since 0.3.56). */
  readonly hasTargets: boolean
  /** Unknown classes are `missing_node_type` and not `invalid_prompt` (since 0.11.1). */
  readonly namesMissingNodes: boolean
}

const current: Profile = {
  hasProgressStates: true,
  throttlesTicks: true,
  hasJobs: true,
  needsUuid: true,
  hasCreateTime: true,
  hasTargets: true,
  namesMissingNodes: true,
}

const profiles: Readonly<Record<string, Profile>> = {
  '0.33': current,
  '0.3.43': {
    hasProgressStates: false,
    throttlesTicks: false,
    hasJobs: false,
    needsUuid: false,
    hasCreateTime: false,
    hasTargets: false,
    namesMissingNodes: false,
  },
}

/** The flag that chooses. */
export const profileFlags: FlagDefinitions = {
  profile: { type: 'string', description: 'protocol dialect: 0.33 or 0.3.43', default: '0.33' },
}

/** Reads the flag. Throws TwinError `bad-flag` for a dialect that is unknown. */
export function profileFromFlags(flags: FlagValues): Profile {
  const name = String(flags['profile'] ?? '0.33')
  const profile = profiles[name]
  if (profile !== undefined) return profile
  const known = Object.keys(profiles).join(' or ')
  throw new TwinError('bad-flag', `Cannot read the flags: --profile is '${name}'; give ${known}`)
}
