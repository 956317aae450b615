/**
 * The page's bindings in the order in which `wgp.py` registers them (generator tab). Most handlers are bound more
 * than once, so their API names carry suffixes. The second copy of the chain runs on page load and queue upload.
 * Knowingly missing: about 300 bindings that have nothing to do with a generation, and the hidden edit tab.
 */
import type { Binding } from '../gradio/dependency.ts'
import { type GradioFunction, type PlainFunction, update } from '../gradio/function.ts'
import { prepareGenerateMedia, processPromptAndAddTasks, updateStatus } from './add-tasks.ts'
import { initGenerate, saveInputs, saveInputsInputs, validateWizardPrompt, wizardInputs } from './form.ts'
import { finalizeGeneration, finalizeGenerationWithState, refreshGallery, refreshPreview } from './gallery.ts'
import { processTasks } from './process-tasks.ts'
import {
  clearQueueAction,
  handleQueueAction,
  initProcessQueueIfAny,
  loadQueueAction,
} from './queue-actions.ts'
import { exportSettings, loadSettingsFromFile } from './settings-files.ts'
import { activateStatus, refreshStatusAsync } from './status.ts'
import { type Studio, timestamp } from './studio.ts'
import {
  abortGeneration,
  earlyStopGeneration,
  oneMoreSample,
  pauseGeneration,
  quitApplication,
  resumeGeneration,
} from './wishes.ts'

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

const taskOutputs: readonly string[] = ['preview_trigger', 'output_trigger', 'refresh_models_trigger']

/** All bindings of the twin. */
export function bindingsOf(studio: Studio): readonly Binding[] {
  const running = runningFunctions(studio)
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
      fn: running.status,
      on: 'status_trigger.change',
      inputs: ['state'],
      outputs: ['gen_status'],
    },
    { fn: refreshGallery, on: 'output_trigger.change', inputs: ['state'], outputs: galleryOutputs },
    ...wishes(studio),
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
    ...generation(studio, running),
    ...loadedQueue(studio, running),
    ...files(studio),
  ]
}

/** Functions that are bound twice and share one slot. */
type Running = {
  readonly status: GradioFunction
  readonly activate: GradioFunction
  readonly tasks: GradioFunction
}

function runningFunctions(studio: Studio): Running {
  return {
    status: refreshStatusAsync(studio),
    activate: activateStatus(studio),
    tasks: processTasks(studio),
  }
}

/** The buttons beside a running generation, and the table of waiting tasks. */
function wishes(studio: Studio): readonly Binding[] {
  return [
    {
      fn: abortGeneration(studio),
      on: 'abort_btn.click',
      inputs: ['state', 'abort_client_id'],
      outputs: ['abort_btn', 'queue_html'],
    },
    { fn: earlyStopGeneration, on: 'earlystop_btn.click', inputs: ['state'], outputs: ['earlystop_btn'] },
    { fn: oneMoreSample, on: 'onemoresample_btn.click', inputs: ['state'], outputs: [] },
    {
      fn: pauseGeneration,
      on: 'pause_btn.click',
      inputs: ['state'],
      outputs: ['pause_btn', 'resume_btn'],
    },
    {
      fn: resumeGeneration,
      on: 'resume_btn.click',
      inputs: ['state'],
      outputs: ['pause_btn', 'resume_btn'],
    },
    {
      fn: handleQueueAction,
      on: 'queue_action_input.change',
      inputs: ['state', 'queue_action_input'],
      outputs: ['queue_html', 'main_tabs', 'edit_queue_trigger'],
    },
    { fn: clearQueueAction, on: 'clear_queue_btn.click', inputs: ['state'], outputs: ['queue_html'] },
    { fn: quitApplication(studio), on: 'quit_button.click', inputs: [], outputs: [] },
  ]
}

/** What runs on page load and when a queue file was uploaded. */
function loadedQueue(studio: Studio, running: Running): readonly Binding[] {
  const showPanel = lambda(({ session }) => [
    update({ visible: session.gen.queue.length > 0 }),
    session.gen.queue.length > 0 ? update({ open: true }) : update(),
  ])
  return [
    {
      fn: loadQueueAction(studio),
      on: 'load_queue_btn.upload',
      inputs: ['load_queue_btn', 'state'],
      outputs: ['queue_html'],
    },
    { fn: showPanel, on: 'then', inputs: ['state'], outputs: ['current_gen_column', 'queue_accordion'] },
    {
      fn: initProcessQueueIfAny,
      on: 'then',
      inputs: ['state'],
      outputs: ['generate_btn', 'add_to_queue_btn', 'current_gen_column'],
    },
    { fn: running.activate, on: 'then', inputs: ['state'], outputs: ['status_trigger'] },
    { fn: running.tasks, on: 'then', inputs: ['state'], outputs: taskOutputs },
    {
      fn: finalizeGenerationWithState(studio),
      on: 'then',
      inputs: ['state'],
      outputs: [...finalOutputs, 'queue_accordion', 'state'],
    },
    { fn: unloadModelIfNeeded, on: 'then', inputs: ['state'], outputs: [] },
  ]
}

/** The form as a file. */
function files(studio: Studio): readonly Binding[] {
  return [
    {
      fn: exportSettings,
      on: 'export_settings_from_file_btn.click',
      inputs: ['state'],
      outputs: ['settings_base64_output', 'settings_filename'],
    },
    {
      fn: loadSettingsFromFile(studio),
      on: 'settings_file.upload',
      inputs: ['state', 'settings_file'],
      outputs: ['model_choice', 'refresh_form_trigger', 'settings_file'],
    },
  ]
}

/** Steps 5 to 9, which follow the form and the new task. */
function generation(studio: Studio, running: Running): readonly Binding[] {
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
    { fn: running.activate, on: 'then', inputs: ['state'], outputs: ['status_trigger'] },
    {
      fn: running.tasks,
      on: 'then',
      inputs: ['state'],
      outputs: taskOutputs,
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
