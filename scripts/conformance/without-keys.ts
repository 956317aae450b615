/** Takes out of a text the keys that the environment gave us. */

const variables = ['LITELLM_MASTER_KEY', 'OPENAI_API_KEY']

/** The text with `<key>` in their place. */
export function withoutKeys(text: string, env: NodeJS.ProcessEnv): string {
  return variables
    .flatMap((name) => env[name] ?? [])
    .filter((key) => key.length > 3)
    .reduce((shown, key) => shown.replaceAll(key, '<key>'), text)
}
