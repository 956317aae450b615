/** What other packages may use of netem. */
export { NetemError, type NetemErrorCode } from './errors.ts'
export type { Direction, Impairment, PacketFilter } from './spec/impairment.ts'
export { parseImpairmentText } from './spec/parse-text.ts'
export { isPreset, type Preset, type PresetName, presets } from './spec/presets.ts'
export { parseImpairment } from './spec/validate.ts'
export { writeImpairment } from './spec/write-text.ts'
