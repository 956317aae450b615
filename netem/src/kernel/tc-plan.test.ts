import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryImpairment } from '../spec/arbitrary-impairment.ts'
import { parseImpairmentText } from '../spec/parse-text.ts'
import { planTc } from './tc-plan.ts'
import { netemWords, whyNotKernel } from './tc-words.ts'

const settled = (text: string) => ({ ...parseImpairmentText(text), seed: 7 })
const plan = (...texts: string[]) => {
  const { steps, shaped } = planTc('eth1', 4, texts.map(settled), { takesSeed: false, failsOpen: false })
  return {
    run: steps.map((step) => step.run.join(' ')),
    undo: steps.flatMap((step) => step.undo?.join(' ') ?? []),
    shaped,
  }
}

test('one impairment of what goes out is one qdisc', () => {
  expect(plan('delay 100ms 10ms distribution normal loss 1% direction out')).toEqual({
    run: [
      'tc qdisc add dev eth1 root handle 5e70: netem delay 100ms 10ms distribution normal loss random 1%',
    ],
    undo: ['tc qdisc del dev eth1 root handle 5e70:'],
    shaped: ['eth1'],
  })
})

test('what comes in goes out of an ifb', () => {
  expect(plan('loss 5% direction in')).toEqual({
    run: [
      'ip link add squall-ifb4 type ifb',
      'ip link set squall-ifb4 up',
      'tc qdisc add dev eth1 ingress',
      'tc filter add dev eth1 parent ffff: protocol all prio 1 matchall action mirred egress redirect dev squall-ifb4',
      'tc qdisc add dev squall-ifb4 root handle 5e70: netem loss random 5%',
    ],
    undo: [
      'ip link del squall-ifb4',
      'tc qdisc del dev eth1 ingress',
      'tc qdisc del dev squall-ifb4 root handle 5e70:',
    ],
    shaped: ['squall-ifb4'],
  })
})

test('filters are bands of a prio, in the order of the impairments, and the rest is plain', () => {
  expect(
    plan('loss 5% port 80 protocol tcp peer 10.0.0.7 direction out', 'delay 1ms direction out').run,
  ).toEqual([
    `tc qdisc add dev eth1 root handle 5e70: prio bands 3 priomap ${Array(16).fill(2).join(' ')}`,
    'tc qdisc add dev eth1 parent 5e70:1 netem loss random 5%',
    'tc filter add dev eth1 parent 5e70: protocol ip prio 2 flower ip_proto tcp src_port 80 dst_ip 10.0.0.7 classid 5e70:1',
    'tc filter add dev eth1 parent 5e70: protocol ip prio 2 flower ip_proto tcp dst_port 80 dst_ip 10.0.0.7 classid 5e70:1',
    'tc qdisc add dev eth1 parent 5e70:2 netem delay 1ms',
    'tc filter add dev eth1 parent 5e70: protocol all prio 4 matchall classid 5e70:2',
  ])
})

test('a port alone is TCP and UDP, over both families, on either side; in looks at the source', () => {
  const filters = plan('loss 5% port 80 direction in').run.filter((command) => command.includes('flower'))
  expect(filters).toHaveLength(8)
  expect(plan('loss 5% peer fd00::/8 direction in').run.at(-1)).toContain(
    'protocol ipv6 prio 3 flower src_ip fd00::/8',
  )
  expect(plan('loss 5% protocol icmp direction out').run.slice(-2).join('\n')).toMatch(
    /ip_proto icmp .*\n.*ip_proto icmpv6 /,
  )
})

describe('words of netem', () => {
  test.each<[string, string]>([
    ['loss gemodel 1% 10%', 'loss gemodel 1% 10% 100% 0%'],
    ['loss state 2% 30% 20% 40% 1%', 'loss state 2% 30% 20% 40% 1%'],
    ['duplicate 1% 25% corrupt 0.1%', 'duplicate 1% 25% corrupt 0.1%'],
    ['delay 10ms reorder 25% 50%', 'delay 10ms reorder 25% 50% gap 1'],
    ['rate 5kbit 20 100 5', 'rate 5000bit 20 100 5'],
    ['rate 1mbit limit 50', 'limit 50 rate 1000000bit 0'],
  ])('%s', (text, expected) => {
    expect(netemWords(settled(text), '0/out', false).join(' ')).toBe(expected)
  })

  test('the seed is the number that the userspace rung draws from', () => {
    const words = netemWords(settled('loss 5%'), '0/out', true)
    expect(words.slice(-2)).toEqual(['seed', expect.stringMatching(/^\d+$/)])
    expect(netemWords(settled('loss 5%'), '0/in', true)).not.toEqual(words)
  })

  test('every impairment that is possible has words', () => {
    fc.assert(
      fc.property(arbitraryImpairment, (it) => {
        fc.pre(whyNotKernel(it) === undefined)
        expect(netemWords({ ...it, seed: 1 }, '0/out', true).join(' ')).not.toMatch(/undefined|NaN/)
      }),
    )
  })
})

test.each<[string, RegExp]>([
  ['loss every 5', /every nth/],
  ['corrupt 1% checksum fix', /checksums/],
  ['rate 1mbit burst 10kb', /burst/],
])('%s is not for the kernel', (text, reason) => {
  expect(whyNotKernel(parseImpairmentText(text))).toMatch(reason)
})
