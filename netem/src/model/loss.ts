/** Which packets are lost: the models of sch_netem.c (loss_event, loss_gilb_ell, loss_4state; Linux 6.18). */
import type { LossModel } from '../spec/impairment.ts'
import { Chance, percentToUint32 } from './correlated.ts'
import type { PacketRandom } from './random.ts'

/** True: this packet is lost. To be asked once per packet, because each answer moves the model on. */
export type LossEvent = () => boolean

export function lossEvent(loss: LossModel | undefined, random: PacketRandom): LossEvent {
  switch (loss?.kind) {
    case undefined:
      return () => false
    case 'random': {
      const chance = new Chance(random, loss.percent, loss.correlationPercent)
      return () => chance.hits()
    }
    case 'gilbert-elliott':
      return gilbertElliott(loss, random)
    case 'four-state':
      return fourState(loss, random)
    case 'every-nth':
      return everyNth(loss.nth)
  }
}

/** Moves first and judges by the state it came from, as the kernel does. */
function gilbertElliott(
  loss: Extract<LossModel, { kind: 'gilbert-elliott' }>,
  random: PacketRandom,
): LossEvent {
  const toBad = percentToUint32(loss.toBadPercent)
  const toGood = percentToUint32(loss.toGoodPercent)
  const keptInBad = percentToUint32(100) - percentToUint32(loss.lossInBadPercent ?? 100)
  const lostInGood = percentToUint32(loss.lossInGoodPercent ?? 0)
  let isBad = false
  return () => {
    if (isBad) {
      if (random.next() < toGood) isBad = false
      return random.next() > keptInBad
    }
    if (random.next() < toBad) isBad = true
    return random.next() < lostInGood
  }
}

type FourState = 'good' | 'good in burst' | 'lost in burst' | 'lost alone'

function fourState(loss: Extract<LossModel, { kind: 'four-state' }>, random: PacketRandom): LossEvent {
  const p13 = percentToUint32(loss.p13Percent)
  const p31 = percentToUint32(loss.p31Percent)
  const p32 = percentToUint32(loss.p32Percent)
  const p23 = percentToUint32(loss.p23Percent)
  const p14 = percentToUint32(loss.p14Percent)
  let state: FourState = 'good'
  const nextState = (draw: number): FourState => {
    switch (state) {
      case 'good':
        if (draw < p14) return 'lost alone'
        return draw < p13 + p14 ? 'lost in burst' : 'good'
      case 'good in burst':
        return draw < p23 ? 'lost in burst' : 'good in burst'
      case 'lost in burst':
        if (draw < p32) return 'good in burst'
        return draw < p31 + p32 ? 'good' : 'lost in burst'
      case 'lost alone':
        return 'good'
    }
  }
  return () => {
    state = nextState(random.next())
    return state === 'lost in burst' || state === 'lost alone'
  }
}

function everyNth(nth: number): LossEvent {
  let seen = 0
  return () => {
    seen = (seen + 1) % nth
    return seen === 0
  }
}
