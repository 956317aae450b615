/** How fast it comes, changes and goes (healed at the end of its input; gone a little later), and how long the network stays impaired when the shaper is killed. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { shapeWith, startAgent } from '../../netem/src/testing/agent-process.ts'
import { pause } from '../clock.ts'
import { spreadOf } from '../median.ts'
import { type Row, rounded } from './figures.ts'
import type { Place } from './place.ts'

export async function measureChanges(place: Place, rounds: number): Promise<Row[]> {
  const ms = {
    start: [],
    'first apply': [],
    change: [],
    heal: [],
    gone: [],
    'kill -9 until it flows': [],
  } as Record<string, number[]>
  for (let round = 0; round < rounds; round++) {
    const beganMs = performance.now()
    const agent = startAgent(place.network, ...place.agentArguments)
    await agent.event()
    ms.start?.push(performance.now() - beganMs)
    const appliedMs = performance.now()
    await agent.apply('delay 10ms')
    ms['first apply']?.push(performance.now() - appliedMs)
    const changedMs = performance.now()
    await agent.apply('delay 20ms')
    await agent.event()
    ms.change?.push(performance.now() - changedMs)
    const { healedMs, goneMs } = await agent.end()
    ms.heal?.push(healedMs)
    ms.gone?.push(goneMs)
    // What a killed agent left, the next one takes off.
    ms['kill -9 until it flows']?.push(await killTime(place))
  }
  const measured = Object.entries(ms).filter(([, times]) => times.length > 0)
  return measured.map(([what, times]) => {
    const { median, min, max } = spreadOf(times)
    return { what, rounds, 'median ms': rounded(median, 1), min: rounded(min, 1), max: rounded(max, 1) }
  })
}

/** From the signal to the first packet that gets through; one is sent each ms. */
async function killTime(place: Place): Promise<number> {
  // Not all packets: without answers to ARP the kernel itself would wait for a second.
  const agent = await shapeWith(place.network, place.agentArguments, `loss 100% ${place.ofProbe}`)
  const socket = createSocket('udp4')
  socket.connect(place.echo.udp, place.network.far.ipv4)
  await once(socket, 'connect')
  const seen = { isThrough: false }
  socket.on('message', () => {
    seen.isThrough = true
  })
  const killedMs = performance.now()
  agent.child.kill('SIGKILL')
  while (!seen.isThrough) {
    socket.send('x')
    await pause(1)
  }
  socket.close()
  return performance.now() - killedMs
}
