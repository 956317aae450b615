/**
 * How this machine reaches package indexes: proxies, certificate authorities, mirrors. A build gets the same as
 * build arguments; engines keep a proxy's arguments out of an image's history by themselves.
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import type { ImageOptions } from './image.ts'

const proxyNames = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
])
/** pip's settings that hold inside a container too; its environment variables are `PIP_` and these in capitals. */
const pipSettings = ['index-url', 'extra-index-url', 'trusted-host', 'default-timeout'] as const

/** Proxy variables that are set. */
export function proxyArgs(env: ImageOptions['env']): Record<string, string> {
  return Object.fromEntries(proxyNames.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
}

/** Every authority this machine trusts, as one PEM file: Node's own, the system's and `NODE_EXTRA_CA_CERTS`. */
export function trustedAuthorities(): string {
  const all = (['bundled', 'system', 'extra'] as const).flatMap((kind) => getCACertificates(kind))
  return `${[...new Set(all.map((certificate) => certificate.trim()))].join('\n')}\n`
}

/** pip's index settings: the environment first, then pip's configuration files, the user's before the system's. */
export async function pipArgs(env: ImageOptions['env']): Promise<Record<string, string>> {
  const home = env.HOME ?? homedir()
  const files = [
    env.PIP_CONFIG_FILE,
    join(home, '.config/pip/pip.conf'),
    join(home, '.pip/pip.conf'),
    '/etc/pip.conf',
  ]
  const texts = await Promise.all(files.map(readText))
  const args: Record<string, string> = {}
  for (const setting of pipSettings) {
    const variable = `PIP_${setting.toUpperCase().replaceAll('-', '_')}`
    const value =
      env[variable] ?? texts.map((text) => readSetting(text, setting)).find((found) => found !== undefined)
    // A folder of this machine means nothing inside a build.
    const usable = value
      ?.split(/\s+/)
      .filter((word) => word !== '' && !word.startsWith('file:') && !word.startsWith('/'))
    if (usable?.length) args[variable] = usable.join(' ')
  }
  return args
}

/** Nothing when there is no such file, or none is named. */
async function readText(path: string | undefined): Promise<string> {
  return path ? await readFile(path, 'utf8').catch(() => '') : ''
}

/** `name = value`, with the value's continuation lines. Sections are not told apart: the names are unique. */
function readSetting(text: string, name: string): string | undefined {
  const found = new RegExp(
    `^${name.replaceAll('-', '[-_]')}[ \\t]*=[ \\t]*(.*(?:\\n[ \\t]+\\S.*)*)`,
    'm',
  ).exec(text)
  return found?.[1]?.trim()
}
