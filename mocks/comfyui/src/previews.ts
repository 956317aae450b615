/** Whether samplers send preview pictures: the flags of the server and the wish of the prompt (notes 2.1). */
import type { FlagDefinitions, FlagValues } from '@squall/twin-kit'

const methods: readonly unknown[] = ['none', 'auto', 'latent2rgb', 'taesd']

/** Flags about previews. */
export const previewFlags: FlagDefinitions = {
  'preview-method': {
    type: 'string',
    description: 'previews of samplers: none, auto, latent2rgb or taesd',
    default: 'none',
  },
  'no-previews': { type: 'boolean', description: 'never send previews of samplers, even if a prompt asks' },
}

/** A prompt may ask by `extra_data.preview_method`; anything unknown there means the server's own setting. */
export function previewsWanted(flags: FlagValues, extraData: Readonly<Record<string, unknown>>): boolean {
  if (flags['no-previews'] === true) return false
  const asked = extraData['preview_method']
  return (methods.includes(asked) ? asked : (flags['preview-method'] ?? 'none')) !== 'none'
}
