/**
 * The kernel rung where it is meant to be used: netem's agent in a container beside another one, here under a container
 * engine inside User Mode Linux. Each row is one case measured from outside; what fails is a row too. `uml.ts` starts
 * it in the guest; on any machine whose kernel has netem it runs as it is.
 */
import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import Docker from 'dockerode'
import { sleep, until } from '../../netem/src/clock.ts'
import { type AgentClient, connectAgent } from '../../netem/src/container/agent-client.ts'
import { agentImage } from '../../netem/src/container/agent-image.ts'
import { sideContainerOptions, startSideContainer } from '../../netem/src/container/side-container.ts'
import { messageOf } from '../../netem/src/errors.ts'
import { parseImpairmentText } from '../../netem/src/spec/parse-text.ts'
import { probeUdp } from '../../netem/src/testing/probe-udp.ts'
import { quantile, type Row, rounded } from './figures.ts'

const docker = new Docker()
const name = `squall-bench-netem-${process.pid}`
/** A slow machine: paced so that it keeps up. */
const pace = { count: 500, everyMs: 4, patienceMs: 2000 }

const image = await agentImage(docker, { onProgress: (line) => process.stderr.write(`${line}\n`) })
const network = await docker.createNetwork({
  Name: name,
  EnableIPv6: true,
  IPAM: { Config: [{ Subnet: '198.18.77.0/24' }, { Subnet: 'fd53:77::/64' }] },
})
const source = stripTypeScriptTypes(
  readFileSync(new URL('../../netem/src/testing/echo.ts', import.meta.url), 'utf8'),
)
const target = await docker.createContainer({
  name,
  Image: image,
  Entrypoint: ['node', '--input-type=module', '-e', source],
  OpenStdin: true,
  HostConfig: { NetworkMode: name },
})
try {
  await target.start()
  console.log(JSON.stringify(await measure()))
} finally {
  await target.remove({ force: true }).catch(() => undefined)
  await network.remove().catch(() => undefined)
}

/** What the cases use. */
async function preparePlace() {
  const { id, NetworkSettings: settings } = await target.inspect().then((it) => ({ ...it, id: it.Id }))
  const own = settings.Networks[name]
  const [ipv4, ipv6] = [own?.IPAddress ?? '', own?.GlobalIPv6Address ?? '']
  const ports = await portsOf()
  const probe = (address = ipv4, options = {}) => probeUdp({ address, port: ports.udp, ...pace, ...options })
  await until('the echo answers', 30_000, async () => (await probe(ipv4, { count: 1 })).order.length > 0)
  const passes = async () => (await probe(ipv4, { count: 1, patienceMs: 100 })).order.length > 0
  const side = async () => {
    const container = await startSideContainer(docker, sideContainerOptions(image, { id, name }))
    return { ...container, agent: await connectAgent(container) }
  }
  /** Median round trip and share of lost packets under impairments, which are gone afterwards. */
  const under = async (impairments: readonly string[], address = ipv4): Promise<Measured> => {
    const { agent, gone } = await side()
    await apply(agent, impairments)
    const echoes = await probe(address)
    const receipt = await agent.end()
    await gone
    const times = echoes.roundTripMs.filter((time) => time !== undefined)
    const lost = echoes.times.filter((count) => count === 0).length
    const { rung = '', isSeeded = false, failsOpen = false } = receipt ?? {}
    return {
      medianMs: rounded(quantile(times, 0.5), 2),
      lostPercent: rounded((lost / pace.count) * 100, 1),
      seen: receipt?.after.seen ?? 0,
      note: `${rung} rung${isSeeded ? '' : ', netem takes no seed'}${failsOpen ? ', fails open' : ''}`,
    }
  }
  return { id, ipv6, ports, probe, passes, side, under }
}

async function measure(): Promise<Row[]> {
  const place = await preparePlace()
  const { ipv6, ports, under } = place
  const rows: Row[] = []
  const row: AddRow = async (what, asked, work) => {
    const measured: Partial<Measured> = await work().catch((error: unknown) => ({
      note: `FAILED: ${messageOf(error)}`,
    }))
    const { medianMs, lostPercent, seen, note = '' } = measured
    rows.push({
      ...{ case: what, asked, 'median ms': medianMs ?? '', 'lost %': lostPercent ?? '' },
      ...{ seen: seen ?? '', note },
    })
    process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`)
  }
  const ofProbe = `protocol udp port ${ports.udp}`
  await row('delay out', '50 ms', () => under(['delay 50ms direction out']))
  await row('delay in, by ifb', '50 ms', () => under(['delay 50ms direction in']))
  await row('delay both ways', '100 ms', () => under(['delay 50ms']))
  if (ipv6 !== '') await row('delay out, IPv6', '50 ms', () => under(['delay 50ms direction out'], ipv6))
  await row('loss in, filtered', '50 %', () => under([`loss 50% seed 7 direction in ${ofProbe}`]))
  await row('Gilbert-Elliott out', '11.1 %', () => under([`loss gemodel 5% 40% direction out ${ofProbe}`]))
  await row('another port', '0 %', () => under(['loss 100% port 9']))
  await row('delay 500 ms (A5)', '500 ms', () => under([`delay 500ms direction out ${ofProbe}`]))
  await measureChanges(place, row, ofProbe)
  return rows
}

async function measureChanges(place: Place, row: AddRow, ofProbe: string): Promise<void> {
  const { id, probe, passes, side, under } = place
  await row('live change 60 to 20 ms', '20 ms', async () => {
    const { agent, gone } = await side()
    await apply(agent, ['delay 60ms direction out'])
    await apply(agent, ['delay 20ms direction out'])
    const { roundTripMs } = await probe()
    await agent.end()
    await gone
    return {
      medianMs: rounded(
        quantile(
          roundTripMs.filter((it) => it !== undefined),
          0.5,
        ),
        2,
      ),
    }
  })
  for (const how of ['kill', 'remove', 'pause'] as const) {
    await row(`${how} the agent's container`, 'passes < 1000 ms', async () => {
      const { agent, gone } = await side()
      await apply(agent, [`loss 100% ${ofProbe}`])
      if (await passes()) throw new Error('nothing was lost')
      const container = docker.getContainer(await sideOf(id))
      const agentFolder = `/proc/${(await container.inspect()).State.Pid}`
      const ended = end(container, how)
      // The engine takes seconds to remove; what is measured is how long the rules of a dead agent act.
      if (how !== 'pause') await until('the agent is dead', 10_000, () => !existsSync(agentFolder))
      const beganMs = performance.now()
      await until('a packet passes', 10_000, passes)
      const tookMs = performance.now() - beganMs
      await ended
      if (how === 'pause') await container.remove({ force: true })
      await gone
      return {
        medianMs: rounded(tookMs, 0),
        note: `ms from ${how === 'pause' ? 'the call to the engine' : 'its death'} until a packet passed`,
      }
    })
  }
  await row('what it left, taken off by the next', '20 ms', () => under(['delay 20ms direction out']))
}

type AddRow = (what: string, asked: string, work: () => Promise<Partial<Measured>>) => Promise<void>

type Place = Awaited<ReturnType<typeof preparePlace>>

type Measured = {
  readonly medianMs: number
  readonly lostPercent: number
  readonly seen: number
  readonly note: string
}

async function apply(agent: AgentClient, impairments: readonly string[]): Promise<void> {
  await agent.apply(impairments.map(parseImpairmentText))
}

/** A kill is direct, so that it is not the engine that is measured: the guest sees the processes of its containers. */
async function end(container: Docker.Container, how: 'kill' | 'remove' | 'pause'): Promise<void> {
  if (how === 'kill') process.kill((await container.inspect()).State.Pid, 'SIGKILL')
  else if (how === 'pause') await container.pause()
  else await container.remove({ force: true })
}

/** The agent's container beside a target. */
async function sideOf(id: string): Promise<string> {
  const [found] = await docker.listContainers({ filters: { label: [`dev.squall.netem=${id}`] } })
  if (found === undefined) throw new Error('the container of the agent is gone')
  return found.Id
}

/** What the echo printed when it was ready. */
async function portsOf(): Promise<{ readonly udp: number }> {
  for (let look = 0; look < 300; look++) {
    const said = (await target.logs({ stdout: true, stderr: true })).toString()
    const line = /\{"udp".*\}/.exec(said)
    if (line) return JSON.parse(line[0]) as { readonly udp: number }
    await sleep(200)
  }
  throw new Error('the echo did not start')
}
