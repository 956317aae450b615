/** GET of models: what a client may ask for, and what stands behind it. */
import { type Call, sendJson } from '@squall/twin-kit'
import { type Deployment, deploymentSwitches, shownApiBase } from './config/deployment.ts'
import type { Gateway } from './gateway.ts'
import { safetyHeaders } from './headers.ts'

/** LiteLLM's constant. */
const createdSeconds = 1_677_610_602

/** One card per alias, however many deployments it has. */
export function listModels({ config }: Gateway): (call: Call) => void {
  const firsts = config.deployments.filter(
    ({ alias }, index, all) => all.findIndex((one) => one.alias === alias) === index,
  )
  const data = firsts.map(card)
  return ({ response }) => sendJson(response, 200, { data, object: 'list' }, safetyHeaders)
}

export function showModel({ router }: Gateway): (call: Call) => void {
  return ({ response, params }) => {
    const [deployment] = router.deploymentsOf(params['id'])
    const missing = { detail: `The model \`${params['id'] ?? ''}\` does not exist or is not accessible` }
    if (deployment === undefined) sendJson(response, 404, missing, safetyHeaders)
    else sendJson(response, 200, card(deployment), safetyHeaders)
  }
}

/** Credentials are never shown. Missing: the hundred price fields, all null for models LiteLLM has no price of. */
export function modelInfo({ config }: Gateway): (call: Call) => void {
  return ({ response, query }) => {
    const wanted = query.get('litellm_model_id')
    const found = config.deployments.filter(({ id }) => wanted === null || id === wanted)
    if (wanted !== null && found.length === 0) {
      const detail = { error: `Model id = ${wanted} not found on litellm proxy` }
      sendJson(response, 400, { detail }, safetyHeaders)
      return
    }
    const data = found.map((deployment) => ({
      model_name: deployment.alias,
      litellm_params: {
        ...deploymentSwitches,
        ...(deployment.mock === undefined && { api_base: shownApiBase(deployment) }),
        ...(deployment.mock !== undefined && { mock_response: deployment.mock.response }),
        model: deployment.target,
      },
      model_info: {
        id: deployment.id,
        db_model: false,
        ...(deployment.mode && { mode: deployment.mode }),
        key: deployment.target,
        input_cost_per_token: 0,
        output_cost_per_token: 0,
        litellm_provider: 'openai',
      },
    }))
    sendJson(response, 200, { data }, safetyHeaders)
  }
}

function card({ alias, mode }: Deployment): object {
  return { id: alias, object: 'model', created: createdSeconds, owned_by: 'openai', ...(mode && { mode }) }
}
