/**
 * The page's bindings in the order in which `wgp.py` registers them (generator tab). Most handlers are bound more
 * than once, so their API names carry suffixes. Knowingly missing: about 300 bindings that have nothing to do with
 * a generation, the hidden edit tab, and the second copy of the chain that runs on page load and queue upload.
 */
import type { Binding } from '../gradio/dependency.ts'
import { type PlainFunction, update } from '../gradio/function.ts'
import { abortGeneration } from './abort.ts'
import { prepareGenerateMedia, processPromptAndAddTasks, updateStatus } from './add-tasks.ts'
import { initGenerate, saveInputs, saveInputsInputs, validateWizardPrompt, wizardInputs } from './form.ts'
import { finalizeGeneration, refreshGallery, refreshPreview } from './gallery.ts'
import { processTasks } from './process-tasks.ts'
import { activateStatus, refreshStatusAsync } from './status.ts'
import { type Studio, timestamp } from './studio.ts'

const galleryOutputs: readonly string[] = [
  'gallery_tabs',
  'current_gallery_tab',
  'output',
  'last_choice',
  'audio_files_paths',
  'audio_file_selected',
  'audio_gallery_refresh_trigger',
  'gen_info',
  'generate_btn',
  'add_to_queue_btn',
  'current_gen_column',
  'current_gen_buttons_row',
  'queue_html',
  'abort_btn',
  'earlystop_btn',
  'onemorewindow_btn',
]

const finalOutputs: readonly string[] = [
  'gallery_tabs',
  'current_gallery_tab',
  'output',
  'audio_files_paths',
  'audio_file_selected',
  'audio_gallery_refresh_trigger',
  'abort_btn',
  'earlystop_btn',
  'generate_btn',
  'add_to_queue_btn',
  'current_gen_column',
  'gen_info',
]

/** All bindings of the twin. */
export function bindingsOf(studio: Studio): readonly Binding[] {
  const addTasks = processPromptAndAddTasks(studio)
  const takeForm = (on: Binding['on']): readonly Binding[] => [
    { fn: validateWizardPrompt, on, inputs: wizardInputs, outputs: ['prompt'] },
    { fn: saveInputs, on: 'then', inputs: saveInputsInputs, outputs: [] },
  ]
  const addBinding: Binding = {
    fn: addTasks,
    on: 'then',
    inputs: ['state', 'current_gallery_tab', 'model_choice'],
    outputs: ['queue_html', 'queue_accordion'],
  }
  return [
    { fn: refreshPreview, on: 'preview_trigger.change', inputs: ['state'], outputs: ['preview'] },
    {
      fn: refreshStatusAsync(studio),
      on: 'status_trigger.change',
      inputs: ['state'],
      outputs: ['gen_status'],
    },
    { fn: refreshGallery, on: 'output_trigger.change', inputs: ['state'], outputs: galleryOutputs },
    {
      fn: abortGeneration,
      on: 'abort_btn.click',
      inputs: ['state', 'abort_client_id'],
      outputs: ['abort_btn', 'queue_html'],
    },
    ...takeForm('save_form_trigger.change'),
    {
      fn: initGenerate(studio),
      on: 'generate_btn.click',
      inputs: ['state', 'output', 'last_choice', 'audio_files_paths', 'audio_file_selected'],
      outputs: ['generate_trigger', 'mode'],
    },
    {
      fn: lambda(({ session }) => [timestamp(session, studio.clock), '']),
      on: 'add_to_queue_btn.click',
      inputs: [],
      outputs: ['add_to_queue_trigger', 'mode'],
    },
    ...takeForm('add_to_queue_trigger.change'),
    addBinding,
    { fn: updateStatus, on: 'then', inputs: ['state'], outputs: [] },
    ...takeForm('generate_trigger.change'),
    addBinding,
    ...generation(studio),
  ]
}

/** Steps 5 to 9, which follow the form and the new task. */
function generation(studio: Studio): readonly Binding[] {
  const closeAccordion = lambda(({ session }) => [
    session.gen.queue.length <= 1 ? update({ open: false }) : update(),
  ])
  return [
    {
      fn: prepareGenerateMedia,
      on: 'then',
      inputs: ['state'],
      outputs: ['generate_btn', 'add_to_queue_btn', 'current_gen_column', 'current_gen_buttons_row'],
    },
    { fn: activateStatus(studio), on: 'then', inputs: ['state'], outputs: ['status_trigger'] },
    {
      fn: processTasks(studio),
      on: 'then',
      inputs: ['state'],
      outputs: ['preview_trigger', 'output_trigger', 'refresh_models_trigger'],
    },
    { fn: finalizeGeneration(studio), on: 'then', inputs: ['state'], outputs: finalOutputs },
    { fn: closeAccordion, on: 'then', inputs: ['state'], outputs: ['queue_accordion'] },
    { fn: unloadModelIfNeeded, on: 'then', inputs: ['state'], outputs: [] },
  ]
}

/** Step 9. Does nothing under the default policy, which keeps the model loaded. */
const unloadModelIfNeeded: PlainFunction = {
  kind: 'plain',
  name: 'unload_model_if_needed',
  parameters: ['state'],
  run: () => [],
}

function lambda(run: PlainFunction['run']): PlainFunction {
  return { kind: 'plain', name: 'lambda', parameters: [], run }
}
