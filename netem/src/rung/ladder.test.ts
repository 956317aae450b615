/** Which rung is taken, on whatever kernel this is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AgentEvent } from '../agent/receipt.ts'
import { shapeWith, startAgent, startAgentUnder } from '../testing/agent-process.ts'
import { whyNotKernelNetem, whyNotQueue, whyNotShape } from '../testing/can-shape.ts'
import { makeNetwork, type TestNetwork } from '../testing/network.ts'

const why = whyNotShape()
const whyNoQueue = whyNotQueue()
const hasKernelNetem = whyNotKernelNetem() === undefined

describe.skipIf(why !== undefined)(`ladder${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let network: TestNetwork
  beforeAll(async () => {
    network = await makeNetwork()
  })
  afterAll(async () => await network?.[Symbol.asyncDispose]())

  test('the probe tries both rungs and leaves nothing', async () => {
    await using agent = startAgent(network, '--probe')
    const yes = { rung: 'kernel', can: 'yes', takesSeed: expect.any(Boolean), failsOpen: expect.any(Boolean) }
    const reason = expect.stringMatching(/^Cannot use the kernel's netem: /)
    const no = { rung: 'kernel', can: 'no', code: 'unsupported', reason }
    expect(await agent.event()).toEqual({
      event: 'probed',
      findings: [
        hasKernelNetem ? yes : no,
        {
          rung: 'userspace',
          can: 'yes',
          takesSeed: true,
          failsOpen: true,
          way: expect.stringMatching(/^tcx|clsact$/),
        },
      ],
    })
  })

  test.skipIf(whyNoQueue !== undefined)(
    'without bpf() it finds the queue, in a user namespace too',
    async () => {
      await using agent = startAgentUnder(network, ['unshare', '-U', '-r'], '--probe')
      const { findings } = (await agent.event()) as Extract<AgentEvent, { readonly event: 'probed' }>
      expect(findings[1]).toMatchObject({
        ...{ rung: 'userspace', can: 'yes', takesSeed: true, failsOpen: true, way: 'nfqueue' },
        reason: expect.stringMatching(/needs CAP_BPF or CAP_SYS_ADMIN/),
      })
    },
  )

  test('the receipt says why better rungs were not taken', async () => {
    await using agent = await shapeWith(network, [], 'delay 1ms')
    const reason = expect.stringMatching(/^Cannot use the kernel's netem: /)
    const kernel = { rung: 'kernel', steppedDown: [] }
    const userspace = { rung: 'userspace', isSeeded: true, steppedDown: [{ rung: 'kernel', reason }] }
    expect(await agent.report()).toMatchObject(hasKernelNetem ? kernel : userspace)
    await agent.end()
  })

  test('what the kernel cannot do is done in userspace', async () => {
    await using agent = await shapeWith(network, [], 'loss every 5')
    expect(await agent.report()).toMatchObject({ rung: 'userspace', steppedDown: [{ rung: 'kernel' }] })
    await agent.end()
  })

  test.skipIf(hasKernelNetem)('a rung that was asked for and is not there is refused', async () => {
    await using agent = startAgent(network, '--rung', 'kernel')
    await agent.event()
    expect(await agent.apply('delay 1ms')).toMatchObject({
      event: 'refused',
      code: 'unsupported',
      message: expect.stringMatching(/^Cannot use the kernel's netem: /),
    })
    await agent.end()
    await using other = await shapeWith(network, ['--rung', 'userspace'], 'delay 1ms')
    expect(await other.report()).toMatchObject({ rung: 'userspace', steppedDown: [] })
    await other.end()
  })

  test('a rung that does not exist is refused', async () => {
    await using agent = startAgent(network, '--rung', 'top')
    expect(await agent.event()).toMatchObject({ event: 'refused', code: 'bad-usage' })
  })
})
