/**
 * A1 full connection flow: discover every service, pools initialised, health of each service and of the system,
 * an image workflow accepted and finished, a text completion with an answer.
 */
import { endpointsOf, type Stack, type SubjectEvent, simpleWorkflow } from '@squall/harness'
import { engines, inStep, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect, vi } from 'vitest'

const topology = { comfyui: 'auto', litellm: 'auto', wan2gp: 'auto' } as const

describe.each(engines)('%s engine', (engine) => {
  test('A1 full connection flow', async ({ bringUp, signal }) => {
    const stack = await bringUp({ engine, topology, scenario: 'A1 full connection flow' })
    const events: SubjectEvent[] = []
    await using client = await reference.start({
      endpoints: endpointsOf(stack),
      litellmKey: stack.litellmKey,
      litellmModel: 'squall-text',
      seed: 1,
      healthIntervalMs: 200,
      emit: (event) => events.push(event),
    })

    await inStep('discover every service, pools initialised', async () => {
      const found = await client.discover()
      expect(found.map((entry) => [entry.service, entry.state])).toEqual([
        ['comfyui', 'connected'],
        ['litellm', 'connected'],
        ['wan2gp', 'connected'],
      ])
      expect(client.stats().connectionsOpened).toBeGreaterThanOrEqual(3)
    })

    await inStep('every service and the system are HEALTHY', () =>
      vi.waitFor(
        () => expect(healthyOnes(events)).toEqual(['comfyui', 'litellm', 'system', 'wan2gp']),
        10_000,
      ),
    )

    await inStep('an image workflow is accepted and finishes', async () => {
      const workflow = simpleWorkflow({ prompt: 'a lighthouse in heavy rain', seed: 42 })
      const image = await client.follow(await client.submit({ kind: 'image', workflow }, signal), signal)
      expect(image.outputs.map((output) => output.mediaType)).toEqual(['image/png'])
      expect(Buffer.from(image.outputs[0]?.bytes.subarray(1, 4) ?? []).toString()).toBe('PNG')
    })

    await inStep('a text completion has an answer', async () => {
      const text = await client.follow(
        await client.submit({ kind: 'text', prompt: 'Say something.' }, signal),
        signal,
      )
      expect(text.outputs).toHaveLength(1)
      expect(text.outputs[0]?.bytes.length).toBeGreaterThan(0)
    })
    expect(gatewayOf(stack)).toBe(engine === 'docker' ? 'real' : 'twin')
  })
})

function healthyOnes(events: readonly SubjectEvent[]): string[] {
  const states = new Map<string, string>()
  for (const event of events) if (event.type === 'health') states.set(event.service, event.state)
  return [...states].flatMap(([service, state]) => (state === 'HEALTHY' ? [service] : [])).sort()
}

/** Whoever points LiteLLM somewhere else (`SQUALL_LITELLM_URL`) tests that instead. */
function gatewayOf(stack: Stack): string | undefined {
  return stack.services.get('litellm')?.implementation
}
