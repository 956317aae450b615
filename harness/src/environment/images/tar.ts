/** Build contexts as tar archives, made in memory: a context is a Dockerfile and a few small files. */
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'

/** Path inside the archive → content. A path that ends in `/` is an empty folder. */
export type TarFiles = Readonly<Record<string, string | Buffer>>

/** Sorted and without times, so that the same content is the same archive and the engine's cache applies. */
export function packTar(files: TarFiles): Readable {
  const archive = pack()
  for (const name of Object.keys(files).sort()) {
    const content = files[name] ?? ''
    if (name.endsWith('/')) archive.entry({ name, type: 'directory', mode: 0o755, mtime: new Date(0) })
    else archive.entry({ name, mode: 0o644, mtime: new Date(0) }, content)
  }
  archive.finalize()
  return Readable.from(archive)
}
