/** Which services the client can use, and where they are. */

export const serviceNames = ['comfyui', 'litellm', 'wan2gp'] as const
export type ServiceName = (typeof serviceNames)[number]

/** Base URL per service, e.g. `http://127.0.0.1:8188`. A service that is absent is not used. */
export type Endpoints = Readonly<Partial<Record<ServiceName, string>>>
