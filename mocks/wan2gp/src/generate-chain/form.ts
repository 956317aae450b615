/**
 * Steps 1 to 3: start a generation, take the prompt, keep the form. Follows `init_generate`,
 * `validate_wizard_prompt` and `save_inputs` in `wgp.py`; the prompt wizard itself is not there (always "off").
 */
import { formFields, promptVariables } from '../gradio/components.ts'
import type { PlainFunction } from '../gradio/function.ts'
import { type Studio, timestamp } from './studio.ts'

/** Step 1. Its trigger id is what a browser reacts to; an API client ignores it. */
export function initGenerate(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'init_generate',
    parameters: ['state', 'input_file_list', 'last_choice', 'audio_files_paths', 'audio_file_selected'],
    run: ({ session }) => [timestamp(session, studio.clock), ''],
  }
}

/** Step 2. Passes the prompt through and marks the form as valid. */
export const validateWizardPrompt: PlainFunction = {
  kind: 'plain',
  name: 'validate_wizard_prompt',
  parameters: ['state', 'wizard_prompt_activated', 'wizard_variables_names', 'prompt', 'wizard_prompt'],
  run: ({ session, values }) => {
    session.validateSuccess = true
    return [values[3]]
  },
}

/** Inputs of `validate_wizard_prompt`, as components. */
export const wizardInputs: readonly string[] = [
  'state',
  'wizard_prompt_activated_var',
  'wizard_variables_var',
  'prompt',
  'wizard_prompt',
  ...promptVariables,
]

/** Step 3. Keeps the form in the session if `target` is `"state"`; the other targets do nothing here. */
export const saveInputs: PlainFunction = {
  kind: 'plain',
  name: 'save_inputs',
  parameters: ['target', ...formFields, 'state', 'plugin_data'],
  run: ({ session, values }) => {
    const [target, ...fields] = values
    if (target === 'state') {
      session.settings = Object.fromEntries(formFields.map((name, index) => [name, fields[index]]))
    }
    return []
  },
}

/** Inputs of `save_inputs`, as components; the two trailing states are sent as `null` or left out by clients. */
export const saveInputsInputs: readonly string[] = ['target_state', ...formFields, 'state', 'plugin_data']
