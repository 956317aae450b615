/** The contract of a LiteLLM gateway: any, by its general habits; our twin, also by what the real one let us see. */
import type { Contract } from '@squall/twin-kit/conformance/case'
import { defineContract } from '@squall/twin-kit/conformance/define-contract'
import { gatewayCases, modelCases } from './gateway-cases.ts'
import { openGateway, recognisesLiteLlm } from './gateway-target.ts'
import { recordedNames, runRecorded } from './recorded-cases.ts'
import { startGatewayTwin, twinKey } from './start-gateway-twin.ts'

const general = defineContract({
  service: 'litellm',
  startTwin: startGatewayTwin,
  recognises: recognisesLiteLlm,
  open: (url, options) => openGateway(url, options, twinKey),
  runAlone: runRecorded,
  groups: [gatewayCases, modelCases],
  twinDiffers: {},
})

/** All of it, recorded cases included. */
export const litellmContract: Contract = {
  ...general,
  names: [...general.names, ...recordedNames.map((name) => ({ name, needs: ['our own twin'] }))],
}
