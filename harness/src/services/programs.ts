/**
 * Turns a definition and a source into something an engine can start: which image or which script, with which
 * arguments. Twins take the same flags everywhere; only where they listen and keep files differs.
 */
import type { Placement, UnitSpec } from '../environment/engine.ts'
import type { ResolvedImage } from '../environment/images/image.ts'
import type { ProgramContext, ServiceDefinition } from './definition.ts'
import type { ResolvedSource } from './source.ts'

export type Program = Pick<UnitSpec, 'program' | 'env'> & { readonly description: string }

export type ProgramSupply = (
  definition: ServiceDefinition,
  context: ProgramContext,
  placement: Placement,
  source: Exclude<ResolvedSource, { kind: 'url' }>,
) => Promise<Program>

/** Where images come from; each resolves once per run, however often it is asked. */
export type ImageSource = {
  twins(): Promise<ResolvedImage>
  litellm(): Promise<ResolvedImage>
  named(reference: string): Promise<ResolvedImage>
}

/** Programs as containers. */
export function containerPrograms(images: ImageSource): ProgramSupply {
  return async (definition, context, placement, source) => {
    if (source.kind === 'twin') {
      const image = await images.twins()
      const { args, env } = definition.twinProgram(context)
      const command = [`/app/${definition.twin}.mjs`, ...twinFlags(context, placement), ...args]
      return {
        program: { kind: 'container', image: image.reference, command, bringsDataFolder: true },
        env: { ...env, ...controlEnv(context) },
        description: 'twin',
      }
    }
    const image = source.kind === 'image' ? await images.named(source.reference) : await images.litellm()
    const { args, env, ...extras } = definition.realProgram(context)
    const command = args.length > 0 ? { command: args } : {}
    const description = `real, ${image.reference} (${image.how})`
    return { program: { kind: 'container', image: image.reference, ...command, ...extras }, env, description }
  }
}

/** Programs as child processes: twins only. @param entryOf Path of a twin's main script. */
export function processPrograms(entryOf: (twin: string) => string): ProgramSupply {
  return async (definition, context, placement, source) => {
    if (source.kind !== 'twin') throw new Error(`${definition.id} cannot run as a process`)
    const { args, env } = definition.twinProgram(context)
    const script = [entryOf(definition.twin), ...twinFlags(context, placement), ...args]
    return {
      program: { kind: 'process', command: process.execPath, args: script },
      env: { ...env, ...controlEnv(context) },
      description: 'twin',
    }
  }
}

/** Without a placed control port the twin keeps its own on loopback, out of reach. */
function controlFlags(placement: Placement): string[] {
  const listen = placement.ports.control?.listen
  return listen === undefined ? [] : ['--control-host', listen.host, '--control-port', String(listen.port)]
}

/** As the twins call it. */
export const controlTokenVariable = 'SQUALL_CONTROL_TOKEN'

/** The token goes by the environment: command lines are shown to every user of the machine. */
function controlEnv({ controlToken }: ProgramContext): Readonly<Record<string, string>> {
  return controlToken === undefined ? {} : { [controlTokenVariable]: controlToken }
}

function twinFlags(context: ProgramContext, placement: Placement): string[] {
  const listen = placement.ports.public?.listen
  if (listen === undefined) throw new Error(`${placement.name} has no public port`)
  return [
    ...['--host', listen.host, '--port', String(listen.port)],
    ...['--data-folder', placement.dataFolder],
    ...controlFlags(placement),
    ...['--seed', String(context.seed), '--time-scale', String(context.timeScale)],
  ]
}
