/**
 * The page's configuration, `GET /config`: what a client reads first. All field names of 5.29 are there; layout,
 * theme and page texts are empty, because only a browser reads them. A real Wan2GP answers with about a megabyte.
 */
import { components } from './components.ts'
import type { Dependency } from './dependency.ts'
import { gradioVersion } from './info.ts'

/** Body of `/config`. `root` must be reachable for the caller: newer clients send everything there. */
export function configBody(options: {
  appId: string
  root: string
  dependencies: readonly Dependency[]
  /** How long the page's style sheet is: the real document has hundreds of kilobytes. */
  styleBytes: number
}): Record<string, unknown> {
  return {
    version: gradioVersion,
    api_prefix: '/gradio_api',
    mode: 'blocks',
    app_id: Number(options.appId),
    dev_mode: false,
    analytics_enabled: false,
    components: components.map(({ id, name, type, value }) => ({
      id,
      type,
      props: { name: type, label: name, visible: true, ...(value === null ? {} : { value }) },
      skip_api: type === 'state',
      component_class_id: `gradio.components.${type}`,
      key: null,
    })),
    css: options.styleBytes === 0 ? null : ' '.repeat(options.styleBytes),
    connect_heartbeat: true,
    js: null,
    head: null,
    title: 'WanGP',
    space_id: null,
    enable_queue: true,
    show_error: false,
    show_api: true,
    is_colab: false,
    max_file_size: null,
    stylesheets: [],
    theme: 'default',
    protocol: 'sse_v3',
    body_css: {},
    fill_height: false,
    fill_width: true,
    theme_hash: '0',
    pwa: false,
    pages: [['', 'Home']],
    page: { '': { layout: { id: 0, children: [] }, components: [], dependencies: [] } },
    layout: { id: 0, children: [] },
    dependencies: options.dependencies.map(dependencyBody),
    root: options.root,
    username: null,
  }
}

function dependencyBody(dependency: Dependency): Record<string, unknown> {
  return {
    id: dependency.id,
    targets: dependency.targets,
    inputs: dependency.inputs,
    outputs: dependency.outputs,
    backend_fn: true,
    js: null,
    queue: true,
    api_name: dependency.apiName,
    scroll_to_output: false,
    show_progress: 'hidden',
    show_progress_on: null,
    batch: false,
    max_batch_size: 4,
    cancels: [],
    types: { generator: dependency.fn.kind === 'generator', cancel: false },
    collects_event_data: false,
    trigger_after: dependency.triggerAfter,
    trigger_only_on_success: false,
    trigger_mode: 'once',
    show_api: true,
    rendered_in: null,
    render_id: null,
    connection: 'sse',
    time_limit: null,
    stream_every: 0.5,
    like_user_message: false,
    event_specific_args: null,
    js_implementation: null,
  }
}
