/**
 * Named networks. A figure is worth what its source is worth, so each preset names it. Round-trip times are split in
 * halves, one per direction; rates are those of the user's side, so `in` is the download.
 *
 * The profiles of WebPageTest are in its www/settings/connectivity.ini.sample; they describe the whole path of a
 * browser's user, loss not included.
 */
import type { Impairment } from './impairment.ts'
import { parseImpairmentText } from './parse-text.ts'

export type Preset = {
  readonly summary: string
  /** Where the figures are from. */
  readonly source: string
  /** To be applied together. */
  readonly impairments: readonly Impairment[]
}

export const presets = {
  '3g': preset('3G as most tests mean it', 'WebPageTest profile 3GFast: 1.6/0.768 Mbit/s, 150 ms RTT', [
    'delay 75ms rate 1600kbit direction in',
    'delay 75ms rate 768kbit direction out',
  ]),
  'slow-3g': preset('3G at its worst', 'WebPageTest profile 3GSlow: 400/400 kbit/s, 400 ms RTT', [
    'delay 200ms rate 400kbit',
  ]),
  '4g': preset('4G in use', 'WebPageTest profile 4G: 9/9 Mbit/s, 170 ms RTT', ['delay 85ms rate 9mbit']),
  lte: preset('LTE with good reception', 'WebPageTest profile LTE: 12/12 Mbit/s, 70 ms RTT', [
    'delay 35ms rate 12mbit',
  ]),
  dsl: preset('an old telephone line', 'WebPageTest profile DSL: 1.5/0.384 Mbit/s, 50 ms RTT', [
    'delay 25ms rate 1500kbit direction in',
    'delay 25ms rate 384kbit direction out',
  ]),
  satellite: preset(
    'one hop over a geostationary satellite',
    'RFC 2488 section 2: 239.6 ms up and down again, satellite overhead; the delay only, no rate',
    ['delay 239.6ms'],
  ),
  transatlantic: preset(
    'London to New York by fibre',
    'ITU-T G.114 Annex A: 5 us/km through fibre; 5570 km of great circle: 27.9 ms one way. Real cables are longer',
    ['delay 27.9ms'],
  ),
  'bad-wifi': preset(
    'Wi-Fi at the edge of its range: bursts of loss, jitter',
    'our own choice, not a measurement: 3.8 % loss in bursts of 2.5 packets, 5 ms with a normal jitter of 3 ms',
    ['delay 5ms 3ms distribution normal loss gemodel 2% 40% 80% 0%'],
  ),
} as const satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof presets

export function isPreset(name: string): name is PresetName {
  return Object.hasOwn(presets, name)
}

function preset(summary: string, source: string, texts: readonly string[]): Preset {
  return { summary, source, impairments: texts.map(parseImpairmentText) }
}
