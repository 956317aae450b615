/** What the server says it can do: `/features` and the answer to a client's `feature_flags` (golden 01, 12). */

/** Largest request body in bytes (`--max-upload-size` of the real server, default 100 MB). */
export const bodyBytesMax = 104_857_600

/** The feature object of ComfyUI 0.33. */
export const features = {
  supports_preview_metadata: true,
  supports_model_type_tags: true,
  max_upload_size: bodyBytesMax,
  extension: { manager: { supports_v4: true } },
  node_replacements: true,
  assets: false,
} as const
