/** compose/litellm/config.yaml, built in; a test compares the two. */
import type { ConfigDocument } from './schema.ts'

const upstream = { api_base: 'os.environ/SQUALL_UPSTREAM_URL', api_key: 'sk-upstream' }

export const defaultConfig: ConfigDocument = {
  model_list: [
    { model_name: 'squall-text', litellm_params: { model: 'openai/squall-chat-1', ...upstream } },
    {
      model_name: 'squall-embed',
      litellm_params: { model: 'openai/squall-embed-1', ...upstream },
      model_info: { mode: 'embedding' },
    },
    {
      model_name: 'squall-mock',
      litellm_params: {
        model: 'openai/squall-mock',
        api_key: 'sk-upstream',
        mock_response: 'Squall is a sudden gust of wind.',
      },
    },
    {
      model_name: 'squall-429',
      litellm_params: {
        model: 'openai/squall-429',
        api_key: 'sk-upstream',
        mock_response: 'litellm.RateLimitError',
      },
    },
  ],
  litellm_settings: { num_retries: 0, request_timeout: 30, disable_hf_tokenizer_download: true },
  router_settings: { num_retries: 0, disable_cooldowns: true },
  general_settings: {
    master_key: 'os.environ/LITELLM_MASTER_KEY',
    allow_public_health_readiness_details: true,
  },
}
