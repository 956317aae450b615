/** What the server says it can do: `/features` and the answer to a client's `feature_flags` (golden 01, 12). */
import type { HttpOptions } from './http-options.ts'

/** The feature object of ComfyUI 0.33. */
export function featuresOf({ bodyBytesMax }: HttpOptions): Readonly<Record<string, unknown>> {
  return {
    supports_preview_metadata: true,
    supports_model_type_tags: true,
    max_upload_size: bodyBytesMax,
    extension: { manager: { supports_v4: true } },
    node_replacements: true,
    assets: false,
  }
}
