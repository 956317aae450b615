/**
 * The form as a file: exported as base64 text for the browser to save, and loaded from a JSON or a queue zip. Names
 * are those of `wgp.py`; the outputs are read there, not measured. Settings inside of videos are not looked for.
 */
import { readFile } from 'node:fs/promises'
import { componentNamed, formFields } from '../gradio/components.ts'
import { type PlainFunction, update } from '../gradio/function.ts'
import { PythonError } from '../gradio/gradio-error.ts'
import type { Session, Settings } from '../session.ts'
import { readQueueZip, readSettingsJson, settingsVersion } from './queue-files.ts'
import { type Studio, timestamp } from './studio.ts'
import { models } from './task.ts'

/** Form values before anything was saved. */
export function defaultSettings(modelType: string): Settings {
  const values = formFields.map((name) => [name, componentNamed(name).value])
  return {
    ...(Object.fromEntries(values) as Settings),
    model_type: modelType,
    settings_version: settingsVersion,
  }
}

/** The kept form as base64 of a JSON, and a name for the file. */
export const exportSettings: PlainFunction = {
  kind: 'plain',
  name: 'export_settings',
  parameters: ['state'],
  run: ({ session }) => {
    const settings = { ...defaultSettings(session.modelType), ...session.settings }
    const text = JSON.stringify(settings, null, 4)
    return [Buffer.from(text).toString('base64'), `${session.modelType}_settings.json`]
  },
}

/** Take the form from a file: a settings JSON, or the first task of a queue zip. */
export function loadSettingsFromFile(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'load_settings_from_file',
    parameters: ['state', 'file_path'],
    run: async ({ session, values, info }) => {
      const path = pathOf(values[1])
      if (path === undefined) return [update(), update(), null]
      const settings = await settingsIn(studio, path)
      const modelType = settings?.['model_type'] ?? settings?.['base_model_type']
      if (settings === undefined || typeof modelType !== 'string' || models[modelType] === undefined) {
        info('File not supported')
        return [update(), update(), null]
      }
      keep(session, settings, modelType)
      return [update({ value: modelType }), timestamp(session, studio.clock), null]
    },
  }
}

function keep(session: Session, settings: Settings, modelType: string): void {
  session.modelType = modelType
  session.settings = { ...defaultSettings(modelType), ...settings }
}

function pathOf(value: unknown): string | undefined {
  const path = typeof value === 'object' && value !== null && 'path' in value ? value.path : value
  return typeof path === 'string' ? path : undefined
}

async function settingsIn({ outputs }: Studio, path: string): Promise<Settings | undefined> {
  const allowed = outputs.allowed(path)
  if (allowed === undefined)
    throw new PythonError(`Cannot move ${path} to the gradio cache dir: it was not uploaded`)
  const bytes = await readFile(allowed.path).catch(() => Buffer.alloc(0))
  const isJson = path.toLowerCase().endsWith('.json')
  const read = isJson ? readSettingsJson(bytes.toString('utf8')) : await readQueueZip(bytes)
  return 'error' in read ? undefined : read.entries[0]?.params
}
