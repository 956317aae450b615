/** What a loader finds when it opens its file: nothing to say, a damaged file, or none at all. */
import type { ModelFolder, Models } from './models.ts'
import type { NodeRun } from './nodes/behaviour.ts'
import { PythonError, type TracebackPlace } from './python-error.ts'
import { readSafetensorsHeader } from './safetensors.ts'

/** Where the recorded loader of a folder fails (golden 16). */
const placesIn: Partial<Record<ModelFolder, readonly TracebackPlace[]>> = {
  checkpoints: [
    ['nodes.py', 636, 'load_checkpoint'],
    ['comfy/sd.py', 2089, 'load_checkpoint_guess_config'],
    ['comfy/utils.py', 185, 'load_torch_file'],
    ['comfy/utils.py', 169, 'load_torch_file'],
  ],
}

/** Builds the check. Names from the flags have no file and are always sound. */
export function modelChecker(models: Models): NodeRun['checkModel'] {
  return async (folder, name) => {
    const place = models.placeOf(folder, name)
    if (place !== undefined) {
      if (name.endsWith('.safetensors')) await readSafetensorsHeader(place.path, placesIn[folder])
      return
    }
    // Validation saw it a moment ago.
    if (models.filesIn(folder)?.includes(name) !== true) {
      throw new PythonError(
        'FileNotFoundError',
        `Model in folder '${folder}' with filename '${name}' not found.`,
      )
    }
  }
}
