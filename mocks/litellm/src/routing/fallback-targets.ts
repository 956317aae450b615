/** Which aliases are asked when one has failed, and in which words LiteLLM says that there are none. */
import type { FallbackList, Routing } from '../config/config.ts'
import { pythonRepr } from '../python-repr.ts'
import type { ModelFailure } from './model-failure.ts'

export type FallbackTargets = {
  readonly targets: readonly string[]
  /** As the error text shows it. */
  readonly shown: readonly string[] | undefined
}

/** What a client may send as `fallbacks`: aliases. */
export type ClientFallbacks = readonly string[] | FallbackList

/** Targets for the failed alias; the failure's text grows where LiteLLM explains itself. */
export function fallbackTargets(
  routing: Routing,
  failure: ModelFailure,
  { alias, given }: { readonly alias: string; readonly given: ClientFallbacks | undefined },
): FallbackTargets {
  if (isAliases(given)) return { targets: given, shown: undefined }
  const lists = given ?? routing.fallbacks
  const special = specialList(routing, failure)
  if (special !== undefined) {
    if (special.list !== undefined) return { targets: ownEntry(special.list, alias) ?? [], shown: undefined }
    const known = `model=${alias}. ${special.name}=None. fallbacks=${pythonRepr(lists)}.`
    const advice = `Set '${special.advice}' - https://docs.litellm.ai/docs/routing#fallbacks`
    failure.add(`\n${known}\n\n${advice}`)
  }
  if (lists === undefined) return { targets: [], shown: undefined }
  const targets = listedTargets(lists, alias)
  if (targets !== undefined) return { targets, shown: targets }
  failure.add(`No fallback model group found for lookup_groups=${alias}. Fallbacks=${pythonRepr(lists)}`)
  return { targets: [], shown: undefined }
}

/** The alias's own entry, else that of `*`. */
export function listedTargets(lists: FallbackList, alias: string): readonly string[] | undefined {
  return ownEntry(lists, alias) ?? ownEntry(lists, '*')
}

/** Failures that have lists of their own. */
function specialList(
  routing: Routing,
  { fields: { name } }: ModelFailure,
): { readonly list: FallbackList | undefined; readonly name: string; readonly advice: string } | undefined {
  if (name === 'ContextWindowExceededError') {
    const list = routing.contextWindowFallbacks
    return { list, name: 'context_window_fallbacks', advice: 'context_window_fallback' }
  }
  if (name === 'ContentPolicyViolationError') {
    const list = routing.contentPolicyFallbacks
    return { list, name: 'content_policy_fallback', advice: 'content_policy_fallback' }
  }
  return undefined
}

/** A client's list may hold anything; what is no object is passed over. */
function ownEntry(lists: FallbackList, alias: string): readonly string[] | undefined {
  return lists.find((entry: unknown) => isObject(entry) && Object.keys(entry)[0] === alias)?.[alias]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function isAliases(given: ClientFallbacks | undefined): given is readonly string[] {
  return given !== undefined && given.length > 0 && given.every((item) => typeof item === 'string')
}
