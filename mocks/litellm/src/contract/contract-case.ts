/**
 * A case asks a gateway something and tells what it saw, as plain data without what differs from run to run. What
 * the real LiteLLM let it see is kept in golden.json; any other gateway is compared with that.
 */
import type { ConfigName } from './gateway.ts'
import type { Session } from './session.ts'

export type ContractCase = {
  readonly name: string
  readonly config: ConfigName
  readonly observe: (session: Session) => Promise<unknown>
}

/** Cases of one configuration by name. */
export function casesOn(
  config: ConfigName,
  cases: Readonly<Record<string, ContractCase['observe']>>,
): readonly ContractCase[] {
  return Object.entries(cases).map(([name, observe]) => ({ name: `${config}: ${name}`, config, observe }))
}
