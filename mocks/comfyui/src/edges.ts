/** The HTTP edges of the twin: which routes share a pair of fault points. */
import type { Route } from '@squall/twin-kit'

/** Routes by edge, as `METHOD path`. The first pattern that fits decides. */
const patterns = {
  submit: /^POST \/prompt$/,
  'prompt-info': /^GET \/prompt$/,
  queue: /^GET \/queue$/,
  'queue-change': /^POST \/queue$/,
  interrupt: /^POST \/interrupt$/,
  free: /^POST \/free$/,
  history: /^GET \/history$/,
  'history-entry': /^GET \/history\/:id$/,
  'history-change': /^POST \/history$/,
  jobs: /^GET \/api\/jobs/,
  'job-cancel': /^POST \/api\/jobs/,
  view: /^GET \/view$/,
  upload: /^POST \/upload\//,
  'object-info': /^GET \/object_info/,
  'system-stats': /^GET \/system_stats$/,
  models: /^GET \/(models|embeddings|experiment\/models|view_metadata)\b/,
  settings: / \/(users|settings)\b/,
  userdata: / \/(v2\/)?userdata\b/,
  internal: / \/internal\//,
  other: /./,
} as const

/** The names of the HTTP edges. */
export type Edge = keyof typeof patterns

/** What each edge stands for, in the words of the table of fault points. */
export const edgeRoutes: Readonly<Record<Edge, string>> = {
  submit: '`POST /prompt`',
  'prompt-info': '`GET /prompt`',
  queue: '`GET /queue`',
  'queue-change': '`POST /queue`',
  interrupt: '`POST /interrupt`',
  free: '`POST /free`',
  history: '`GET /history`',
  'history-entry': '`GET /history/:id`',
  'history-change': '`POST /history`',
  jobs: '`GET /api/jobs` or `/api/jobs/:id`',
  'job-cancel': '`POST /api/jobs/:id/cancel` or `/api/jobs/cancel`',
  view: '`GET /view`',
  upload: '`POST /upload/image` or `/upload/mask`',
  'object-info': '`GET /object_info` or `/object_info/:class`',
  'system-stats': '`GET /system_stats`',
  models: '`GET /models`, `/embeddings`, `/experiment/models`, `/view_metadata` or what is below',
  settings: '`/users` or `/settings`',
  userdata: '`/userdata` or `/v2/userdata`',
  internal: '`/internal/...`',
  other: 'Any other route (`/features`, `/extensions`, `/`, ...)',
}

/** Puts a route on its edge. */
export function onEdge(route: Route): Route {
  const name = `${route.method} ${route.path}`
  const [edge] = (Object.entries(patterns) as [Edge, RegExp][]).find(([, pattern]) => pattern.test(name)) ?? [
    'other' satisfies Edge,
  ]
  return { ...route, point: `comfyui.http.${edge}` }
}
