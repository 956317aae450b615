/** Programs of this machine run in the engine only when the two are of one kind. */
import type Docker from 'dockerode'
import { ImageError } from './image.ts'

/** Node's names of architectures → the engine's. */
const engineNames: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
}

/** @throws ImageError when programs of this machine cannot run in the engine (Docker Desktop, a remote engine). */
export async function checkArchitecture(docker: Docker, name: string, advice: string): Promise<void> {
  const { Os, Arch } = await docker.version()
  const here = { os: process.platform, arch: engineNames[process.arch] ?? process.arch }
  if (here.os === Os && here.arch === Arch) return
  throw new ImageError(
    `Cannot build image ${name}: this machine is ${here.os}/${here.arch}, the engine ${Os}/${Arch}, and no registry answers; ${advice}`,
  )
}
