/** What the MCP side of the twin shares: its one session, its jobs, its transfer tokens. */
import type { Studio } from '../generate-chain/studio.ts'
import { newSession, type Session } from '../session.ts'
import { McpJobs } from './jobs.ts'
import { TransferTokens } from './transfer-tokens.ts'

/** The MCP side of one server. */
export type McpHost = {
  readonly studio: Studio
  readonly session: Session
  readonly jobs: McpJobs
  readonly tokens: TransferTokens
  /** Base address, for the URLs of transfers. */
  readonly url: () => string
}

/** Build it. The session has nothing to do with those of the page. */
export function createMcpHost(studio: Studio, url: () => string): McpHost {
  const session = newSession('mcp')
  return {
    studio,
    session,
    url,
    jobs: new McpJobs(studio, session),
    tokens: new TransferTokens(studio.clock),
  }
}
