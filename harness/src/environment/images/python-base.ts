/** The base of the LiteLLM image: Python with pip, published or made of the distribution's own packages. */
import { join } from 'node:path'
import type Docker from 'dockerode'
import { checkArchitecture } from './architecture.ts'
import type { ImageRecipe } from './choose-image.ts'
import { contentHash } from './content-hash.ts'
import { downloadPackages, packagesTar } from './debian-packages.ts'
import { importImage } from './engine-images.ts'
import type { ImageOptions } from './image.ts'
import { userFiles } from './user-files.ts'

/** libstdc++ is for compiled wheels; busybox is the shell of people who look inside. */
const packages = ['python3', 'python3-pip', 'libstdc++6', 'busybox-static'] as const

export function pythonBaseRecipe(docker: Docker, options: ImageOptions, advice: string): ImageRecipe {
  const identity = JSON.stringify([packages, userFiles, process.arch])
  const reference = `squall-python-base:${contentHash({ identity })}`
  return {
    variable: 'SQUALL_PYTHON_BASE_IMAGE',
    published: 'python:3.11-slim-bookworm',
    local: reference,
    progress: 'making a Python base image from Debian packages (about 6 s, once)',
    source: "the distribution's packages",
    make: async () => {
      await checkArchitecture(docker, 'python-base', advice)
      const debs = await downloadPackages(packages, join(options.cacheFolder, 'debian'), advice)
      const changes = ['ENV PATH=/usr/local/bin:/usr/bin:/usr/sbin']
      await importImage(docker, {
        name: 'python-base',
        reference,
        changes,
        advice,
        tar: packagesTar(debs, userFiles),
      })
    },
  }
}
