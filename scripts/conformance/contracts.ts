/** The contracts there are, in the order in which they run and are tried on a strange server. */
import type { Contract } from '@squall/twin-kit/conformance/case'
import { comfyuiContract } from '../../mocks/comfyui/src/contract/comfyui-contract.ts'
import { litellmContract } from '../../mocks/litellm/src/conformance/litellm-contract.ts'
import { openaiContract } from '../../mocks/openai/src/contract/openai-contract.ts'
import { wan2gpContract } from '../../mocks/wan2gp/src/contract/wan2gp-contract.ts'

export const contracts: readonly Contract[] = [
  comfyuiContract,
  wan2gpContract,
  litellmContract,
  openaiContract,
]
