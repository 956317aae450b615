/** The reference client stack: discovery, health, connection pools and recovery for ComfyUI, LiteLLM and Wan2GP. */
export type { DiscoveredService } from './discovery/discovery.ts'
export { type Endpoints, type ServiceName, serviceNames } from './endpoint.ts'
export { ClientError, type ErrorClass } from './errors.ts'
export type { ClientEvent, ConnectionState, Emit, HealthState } from './events.ts'
export type { Job, JobOutput, JobResult, SubmittedJob } from './job.ts'
export { type ClientOptions, type ClientStats, JobClient } from './job-client.ts'
export { defaultLimits, type Limits } from './limits.ts'
