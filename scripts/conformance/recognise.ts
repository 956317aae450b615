/** Finds out which service stands behind an address, without changing anything there. */
import type { Contract } from '@squall/twin-kit/conformance/case'
import { send } from '@squall/twin-kit/conformance/send'

/** Nothing can be said about this server. */
export class CannotSay extends Error {
  readonly code = 'cannot-say'
}

/** The contract to hold the server to. @throws CannotSay if nobody answers, or nobody we know. */
export async function contractFor(
  url: string,
  service: string | undefined,
  contracts: readonly Contract[],
): Promise<Contract> {
  await requireAnswer(url)
  for (const contract of contracts) {
    if (service === contract.service) return contract
    if (service === undefined && (await contract.recognises(url))) return contract
  }
  const known = contracts.map((contract) => contract.service).join(', ')
  throw new CannotSay(
    `Cannot recognise the service at ${url}: it answers as none of ${known}; give --service`,
  )
}

async function requireAnswer(url: string): Promise<void> {
  try {
    await send(url, { path: '/', budgetMs: 10_000 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CannotSay(`Cannot reach ${url}: ${code}; start the server or correct --url`, { cause: error })
  }
}
