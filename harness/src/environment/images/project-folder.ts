/** Where the repository is, seen from this file: recipes (compose/), twins (mocks/) and caches are found from here. */
import { fileURLToPath } from 'node:url'

/** Absolute, with a trailing slash. */
export const projectFolder = fileURLToPath(new URL('../../../../', import.meta.url))
