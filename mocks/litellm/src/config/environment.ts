/** Values that a configuration takes from the environment, in LiteLLM's way: `os.environ/NAME`. */

/** Looks a variable up. */
export type Environment = (name: string) => string | undefined

const fromEnvironment = 'os.environ/'

/** A value, or what the environment variable it names holds. */
export function resolved(value: string | undefined, environment: Environment): string | undefined {
  return value?.startsWith(fromEnvironment) ? environment(value.slice(fromEnvironment.length)) : value
}
