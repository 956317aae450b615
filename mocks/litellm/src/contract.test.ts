/** The gateway contract against the twin, both programs started as a user starts them. */
import { contractTests } from './contract/contract-tests.ts'
import { openTwinGateway } from './contract/twin-gateway.ts'

contractTests('gateway twin', openTwinGateway)
