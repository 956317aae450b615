/** Each look at the kernel finds what is planted there: it counts with the mark of the run, and only then. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { CleanReport } from './compare.ts'
import { rulesIn } from './packet-rules.ts'

const program = fileURLToPath(new URL('planted-thing.ts', import.meta.url))
const agent = fileURLToPath(new URL('../../../../netem/src/agent/main.ts', import.meta.url))
const whyNot = whyNotPlant()

const plants: readonly [what: string, ours: string, strangers: string, seen: RegExp][] = [
  [
    'an interface',
    'ip tuntap add tap9 mode tap && ip link set tap9 alias squall-mine',
    'ip tuntap add tap8 mode tap',
    /^interface (tap9|tap8)$/,
  ],
  [
    'a queueing discipline',
    'tc qdisc add dev ours0 root pfifo limit 3',
    'tc qdisc add dev plain0 root pfifo limit 3',
    /^qdisc qdisc pfifo .* dev (ours0|plain0)/,
  ],
  [
    'a queueing discipline on the cable of a container',
    'tc qdisc add dev vethours root pfifo limit 3',
    'tc qdisc add dev vethpeer root pfifo limit 3',
    /^qdisc qdisc pfifo .* dev veth(ours|peer)/,
  ],
  [
    'a packet filter rule',
    'iptables -A OUTPUT -p tcp --dport 9 -m comment --comment squall-mine -j DROP',
    'iptables -A OUTPUT -p tcp --dport 9 -j DROP',
    /^rule ip filter -A OUTPUT -p tcp .*-j DROP$/,
  ],
  [
    'a rule for IPv6',
    'ip6tables -A INPUT -m comment --comment squall-mine -j DROP',
    'ip6tables -A INPUT -j DROP',
    /^rule ip6 filter -A INPUT .*-j DROP$/,
  ],
  ['a pinned object', 'mkdir /sys/fs/bpf/squall-mine', 'mkdir /sys/fs/bpf/theirs', /^bpf \/sys\/fs\/bpf\//],
  ['a namespace', 'ip netns add squall-mine', 'ip netns add theirs', /^namespace (squall-mine|theirs)$/],
  [
    'programs on a device',
    `export SQUALL_RUN=mine; ${impair('ours0')}`,
    impair('plain0'),
    /^bpf link \d+ \(tcx\), held by process \d+$/,
  ],
]

describe(`what is left in the kernel${whyNot === undefined ? '' : ` (not here: ${whyNot})`}`, () => {
  test.skipIf(whyNot !== undefined).each(plants)(
    '%s counts with our mark only',
    (_what, ours, strangers, seen) => {
      const report = look(ours)
      expect(report.clean).toBe(false)
      expect(report.left).toContainEqual(expect.stringMatching(seen))
      const theirs = look(strangers)
      expect(theirs).toMatchObject({ clean: true, left: [] })
      expect(theirs.unclaimed).toContainEqual(expect.stringMatching(seen))
    },
  )

  test.skipIf(whyNot !== undefined)('nothing planted is nothing left', () => {
    expect(look('true')).toMatchObject({ clean: true, left: [], lost: [] })
  })
})

test('rules of the container engine are none of a run; a second one of the same kind is one more', () => {
  const dump = [
    '*nat',
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    '-A POSTROUTING -s 172.18.0.0/16 ! -o br-0123456789ab -j MASQUERADE',
    '-A POSTROUTING -s 172.18.0.2/32 -d 172.18.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE',
    'COMMIT',
    '*filter',
    ':FORWARD DROP [0:0]',
    '-A FORWARD -i docker0 -o docker0 -j ACCEPT',
    '-A DOCKER-USER -j NFQUEUE --queue-num 1',
    '-A INPUT -j DROP',
  ].join('\n')
  expect(rulesIn(dump, 'ip')).toEqual([
    'ip filter -A DOCKER-USER -j NFQUEUE --queue-num 1',
    'ip filter -A INPUT -j DROP',
  ])
})

function look(plant: string): CleanReport {
  const command = ['--net', '--mount', process.execPath, program, 'mine', `${plant}; echo done`]
  return JSON.parse(execFileSync('unshare', command, { encoding: 'utf8' })) as CleanReport
}

/** An agent that shapes the device until its input ends. */
function impair(device: string): string {
  const request = '{"do":"apply","impairments":["delay 1ms"]}'
  const events = `(echo '${request}'; cat) | ${process.execPath} ${agent} --device ${device} --rung userspace`
  return `${events} | grep --line-buffered applied`
}

/** Undefined where it can be tried. */
function whyNotPlant(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  try {
    execFileSync('unshare', ['--net', '--mount', 'sh', '-c', 'tc -V && iptables -L && ip6tables -L'], {
      stdio: 'pipe',
    })
    return undefined
  } catch {
    return 'no unshare, tc or iptables'
  }
}
