/**
 * An impairment of packets as harm to a link, as far as a proxy can do it honestly: delay, jitter, rate. What happens
 * to single packets it cannot do, and what it cannot do it does not pretend.
 */
import { NetemError } from '../errors.ts'
import type { Impairment } from '../spec/impairment.ts'
import { writeImpairment } from '../spec/write-text.ts'
import type { LinkHarm } from './link-spec.ts'

const ways = { in: 'up', out: 'down', both: 'both' } as const

const beyond: readonly (readonly [(it: Impairment) => boolean, string])[] = [
  [({ loss }) => loss !== undefined, 'lose packets'],
  [({ duplicate }) => duplicate !== undefined, 'double packets'],
  [({ corrupt }) => corrupt !== undefined, 'damage packets'],
  [({ reorder }) => reorder !== undefined, 'reorder packets'],
  [({ limitPackets }) => limitPackets !== undefined, 'count the packets it holds'],
  [
    ({ rate }) => [rate?.overheadBytes, rate?.cellBytes].some((it) => it !== undefined),
    'add to the length of each packet',
  ],
  [({ filter }) => filter?.peer !== undefined, 'tell peers apart'],
  [({ filter }) => filter?.port !== undefined, 'choose a port: it stands before one'],
  [({ filter }) => ['udp', 'icmp'].includes(filter?.protocol ?? 'tcp'), 'carry UDP or ICMP'],
]

/**
 * Each direction gets the first impairment that means it, as on the other rungs.
 * @throws NetemError `unsupported` with everything that a proxy cannot do.
 */
export function asLinkHarms(impairments: readonly Impairment[]): LinkHarm[] {
  const impossible = impairments.flatMap((it) =>
    beyond.filter(([holds]) => holds(it)).map(([, what]) => `${what} ("${writeImpairment(it)}")`),
  )
  if (impossible.length > 0) {
    const message = `Cannot do this with a TCP proxy: it cannot ${[...new Set(impossible)].join(', nor ')}; use the docker engine, or a link fault such as reset, stall or cut`
    throw new NetemError('unsupported', message)
  }
  const free = new Set(['up', 'down'])
  return impairments.flatMap(({ delay, rate, seed, direction = 'both' }): LinkHarm[] => {
    const way = ways[direction]
    const meant = (['up', 'down'] as const).filter((it) => free.has(it) && (way === 'both' || way === it))
    for (const it of meant) free.delete(it)
    if (meant.length === 0) return []
    const only = meant.length === 2 ? 'both' : meant[0]
    const { bitsPerSecond, burstBytes } = rate ?? {}
    return [
      {
        ...(only && { direction: only }),
        ...(delay && { delay }),
        ...(bitsPerSecond !== undefined && {
          rate: { bitsPerSecond, ...(burstBytes !== undefined && { burstBytes }) },
        }),
        ...(seed !== undefined && { seed }),
      },
    ]
  })
}
