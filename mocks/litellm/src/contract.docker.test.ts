/** The gateway contract against the real LiteLLM, in whose image the golden file was made. */
import { contractTests } from './contract/contract-tests.ts'
import { openRealGateway } from './contract/real-gateway.ts'

contractTests('real LiteLLM', openRealGateway)
