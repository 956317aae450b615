/**
 * The components of the page, as `/config` lists them. The real page has over a thousand; these are the ones that
 * the generate chain reads or writes, under their real names and types. What matters to a client: the ids that
 * dependencies refer to, the type `state` (never sent, always `null`), and the initial value in `props.value`.
 */

/** The Gradio component types that occur here. */
export type ComponentType =
  | 'accordion'
  | 'button'
  | 'column'
  | 'dropdown'
  | 'file'
  | 'gallery'
  | 'html'
  | 'image'
  | 'number'
  | 'row'
  | 'slider'
  | 'state'
  | 'tabs'
  | 'textbox'
  | 'uploadbutton'

/** One component. `value` is what the browser would send if the user never touched it; `null` means none. */
export type Component = {
  readonly id: number
  readonly name: string
  readonly type: ComponentType
  readonly value: unknown
}

/** Wan2GP builds ten hidden text boxes for the variables of a prompt wizard (`PROMPT_VARS_MAX`). */
export const promptVariables: readonly string[] = Array.from(
  { length: 10 },
  (_, index) => `prompt_var_${index}`,
)

/** Form fields of `save_inputs` in the order of the real signature, which the twin cuts after `guidance_scale`. */
export const formFields: readonly string[] = [
  'image_mask_guide',
  'lset_name',
  'client_id',
  'image_mode',
  'prompt',
  'alt_prompt',
  'negative_prompt',
  'resolution',
  'video_length',
  'duration_seconds',
  'pause_seconds',
  'batch_size',
  'seed',
  'force_fps',
  'num_inference_steps',
  'guidance_scale',
  'mode',
]

type Entry = readonly [name: string, type: ComponentType, value: unknown]

const form: readonly Entry[] = [
  ['image_mask_guide', 'image', null],
  ['lset_name', 'dropdown', ''],
  ['client_id', 'textbox', ''],
  ['image_mode', 'number', 0],
  ['prompt', 'textbox', ''],
  ['alt_prompt', 'textbox', ''],
  ['negative_prompt', 'textbox', ''],
  ['resolution', 'dropdown', '832x480'],
  ['video_length', 'slider', 81],
  ['duration_seconds', 'slider', 0],
  ['pause_seconds', 'slider', 0],
  ['batch_size', 'slider', 1],
  ['seed', 'slider', -1],
  ['force_fps', 'dropdown', ''],
  ['num_inference_steps', 'slider', 30],
  ['guidance_scale', 'slider', 5],
  ['mode', 'textbox', ''],
]

const panels: readonly Entry[] = [
  ['state', 'state', null],
  ['plugin_data', 'state', null],
  ['model_choice', 'dropdown', 't2v'],
  ['target_state', 'textbox', 'state'],
  ['wizard_prompt_activated_var', 'textbox', 'off'],
  ['wizard_variables_var', 'textbox', ''],
  ['wizard_prompt', 'textbox', ''],
  ['save_form_trigger', 'textbox', null],
  ['gen_status', 'textbox', null],
  ['status_trigger', 'textbox', null],
  ['preview', 'html', null],
  ['preview_trigger', 'textbox', null],
  ['output_trigger', 'textbox', null],
  ['refresh_models_trigger', 'textbox', null],
  ['gallery_tabs', 'tabs', null],
  ['current_gallery_tab', 'number', 0],
  ['output', 'gallery', []],
  ['last_choice', 'number', -1],
  ['audio_files_paths', 'textbox', '[]'],
  ['audio_file_selected', 'number', -1],
  ['audio_gallery_refresh_trigger', 'textbox', null],
  ['gen_info', 'html', null],
  ['generate_btn', 'button', 'Generate'],
  ['add_to_queue_btn', 'button', 'Add New Prompt To Queue'],
  ['generate_trigger', 'textbox', null],
  ['add_to_queue_trigger', 'textbox', null],
  ['current_gen_column', 'column', null],
  ['current_gen_buttons_row', 'row', null],
  ['onemorewindow_btn', 'button', 'Extend this Sample'],
  ['abort_btn', 'button', 'Abort'],
  ['abort_client_id', 'textbox', ''],
  ['earlystop_btn', 'button', 'Early Stop'],
  ['queue_accordion', 'accordion', null],
  ['queue_html', 'html', null],
  ['queue_action_input', 'textbox', ''],
  ['main_tabs', 'tabs', null],
  ['edit_queue_trigger', 'textbox', null],
  ['load_queue_btn', 'uploadbutton', null],
  ['clear_queue_btn', 'button', 'Clear Queue'],
  ['quit_button', 'button', 'Save and Quit'],
  ['pause_btn', 'button', 'Pause'],
  ['resume_btn', 'button', 'Resume'],
  ['onemoresample_btn', 'button', 'One More Sample Please !'],
  ['export_settings_from_file_btn', 'button', 'Export Settings to File'],
  ['settings_base64_output', 'textbox', null],
  ['settings_filename', 'textbox', null],
  ['settings_file', 'file', null],
  ['refresh_form_trigger', 'textbox', null],
]

const wizard: readonly Entry[] = promptVariables.map((name) => [name, 'textbox', ''])

/** Every component, ids counted from 1 in page order. */
export const components: readonly Component[] = [...form, ...wizard, ...panels].map(
  ([name, type, value], index) => ({ id: index + 1, name, type, value }),
)

const byName = new Map(components.map((component) => [component.name, component]))

/** The component of that name. Throws on a name that is not in the table: that is a mistake in this package. */
export const componentNamed = (name: string): Component => {
  const component = byName.get(name)
  if (component === undefined)
    throw new Error(`Cannot find component ${name}: it is not in the table; add it`)
  return component
}
