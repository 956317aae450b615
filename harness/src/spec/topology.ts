/** The services an experiment can ask for. */
export const serviceNames = ['comfyui', 'litellm', 'wan2gp'] as const
export type ServiceName = (typeof serviceNames)[number]
