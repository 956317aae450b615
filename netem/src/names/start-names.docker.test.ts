/** Names that fail for one container of a network, asked for from inside it as programs do. */
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../clock.ts'
import { agentImage } from '../container/agent-image.ts'
import { connectEffect, type EffectClient, effectContainerOptions } from '../container/effect-container.ts'
import { type SideContainer, startSideContainer } from '../container/side-container.ts'
import { whyNotPartition } from '../testing/can-shape.ts'
import { type Asker, askerCommand, startAsker } from '../testing/name-asker.ts'

const docker = new Docker()
const why = whyNotPartition()

describe.skipIf(why !== undefined)(`names${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const name = `squall-names-test-${process.pid}`
  const things: { remove(options?: object): Promise<unknown> }[] = []
  let image: string
  let asker: Asker
  let target: { id: string; name: string }

  beforeAll(async () => {
    image = await agentImage(docker, { onProgress: () => undefined })
    const network = await docker.createNetwork({ Name: name })
    things.push(network)
    for (const alias of ['upstream', 'other']) things.unshift(await serve(alias))
    const container = await docker.createContainer({
      ...{ name, Image: image, OpenStdin: true, StdinOnce: true },
      Entrypoint: askerCommand,
      HostConfig: { NetworkMode: name },
    })
    things.unshift(container)
    asker = await startAsker(container, docker)
    target = { id: container.id, name }
  }, 60_000)
  afterAll(async () => {
    for (const thing of things) await thing.remove({ force: true }).catch(() => undefined)
  })

  async function serve(alias: string): Promise<Docker.Container> {
    const container = await docker.createContainer({
      name: `${name}-${alias}`,
      Image: image,
      Entrypoint: ['node', '-e', "require('node:net').createServer().listen(80)"],
      HostConfig: { NetworkMode: name },
      NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: [alias] } } },
    })
    await container.start()
    return container
  }
  type Failing = AsyncDisposable & { readonly client: EffectClient<'names'>; readonly side: SideContainer }
  const fail = async (what: Parameters<EffectClient<'names'>['apply']>[0]): Promise<Failing> => {
    const side = await startSideContainer(docker, effectContainerOptions(image, target, 'names'))
    const client = await connectEffect<'names'>(side)
    await client.apply(what)
    return {
      client,
      side,
      [Symbol.asyncDispose]: async () => {
        side.input.end()
        await side.gone
      },
    }
  }
  const address = expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/)

  test.each(['lookup', 'udp', 'tcp'] as const)(
    'without a fault names are known, asked by %s',
    async (how) => {
      expect(await asker.ask(how, 'upstream')).toMatchObject({ saw: address })
    },
  )

  test.each([
    ['udp', 'nxdomain', 'ENOTFOUND'],
    ['tcp', 'nxdomain', 'ENOTFOUND'],
    ['udp', 'servfail', 'ESERVFAIL'],
    ['tcp', 'servfail', 'ESERVFAIL'],
    ['udp', 'silence', 'ETIMEOUT'],
    ['tcp', 'silence', 'ETIMEOUT'],
    ['lookup', 'nxdomain', 'ENOTFOUND'],
    ['lookup', 'servfail', 'EAI_AGAIN'],
  ] as const)('asked by %s: %s of one name while another is known', async (how, failure, expected) => {
    await using failing = await fail({ names: ['UPSTREAM'], failure })
    expect(await asker.ask(how, 'upstream')).toMatchObject({ saw: expected })
    expect(await asker.ask(how, 'Upstream')).toMatchObject({ saw: expected })
    expect(await asker.ask(how, 'other')).toMatchObject({ saw: address })
    const { questions } = (await failing.client.end()) ?? {}
    expect((questions?.failed ?? 0) + (questions?.silenced ?? 0)).toBeGreaterThanOrEqual(2)
    expect(questions?.passed).toBeGreaterThanOrEqual(1)
    await failing.side.gone
    expect(await asker.ask(how, 'upstream')).toMatchObject({ saw: address })
  })

  test.each(['lookup', 'udp', 'tcp'] as const)('slow: the right answer, late, asked by %s', async (how) => {
    await using failing = await fail({ names: ['upstream'], failure: { slowMs: 400 } })
    const slow = await asker.ask(how, 'upstream')
    expect(slow).toMatchObject({ saw: address })
    expect(slow.tookMs).toBeGreaterThanOrEqual(400)
    expect((await asker.ask(how, 'other')).tookMs).toBeLessThan(400)
    expect((await failing.client.report()).questions.delayed).toBeGreaterThanOrEqual(1)
  })

  test('a question that is held back at the end is answered then', async () => {
    await using failing = await fail({ names: ['upstream'], failure: { slowMs: 60_000 } })
    const asked = asker.ask('udp-patient', 'upstream')
    await until(
      'the question is held back',
      5000,
      async () => (await failing.client.report()).questions.delayed > 0,
    )
    await failing.client.end()
    expect(await asked).toMatchObject({ saw: address })
  })

  test('who asks all the time waits for no answer in vain when the names come back', async () => {
    await using failing = await fail({ names: ['upstream'], failure: 'nxdomain' })
    const unanswered = asker.ask('steady', 'upstream')
    await until('it asks', 10_000, async () => (await failing.client.report()).questions.failed > 20)
    await failing.client.end()
    expect(await unanswered).toMatchObject({ saw: 0 })
  })

  test('a socket that was open before, and asks again and again, is not forgotten', async () => {
    expect(await asker.ask('same-socket', 'upstream')).toMatchObject({ saw: 0 })
    await using failing = await fail({ names: ['upstream'], failure: 'nxdomain' })
    expect(await asker.ask('same-socket', 'upstream')).toMatchObject({ saw: 3 })
    await failing.client.end()
    await failing.side.gone
    expect(await asker.ask('same-socket', 'upstream')).toMatchObject({ saw: 0 })
  })

  test('kill -9 of the agent heals within a second', async () => {
    await using failing = await fail({ names: ['upstream'], failure: 'silence' })
    const [found] = await docker.listContainers({
      filters: { label: [`dev.squall.netem=${target.id}`] },
    })
    await docker.getContainer(found?.Id ?? '').kill({ signal: 'SIGKILL' })
    await failing.side.gone
    await until('the name is known again', 1000, async () => {
      const { saw } = await asker.ask('udp', 'upstream')
      return typeof saw === 'string' && /^\d/.test(saw)
    })
  })

  test('nothing asked, nothing counted', async () => {
    await using failing = await fail({ names: ['upstream'], failure: 'nxdomain' })
    const { questions } = await failing.client.report()
    expect(questions).toEqual({ failed: 0, silenced: 0, delayed: 0, passed: 0 })
  })
})
