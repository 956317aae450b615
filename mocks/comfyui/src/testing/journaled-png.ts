/** Checks a fetched picture against what the twin says it made. */
import { createHash } from 'node:crypto'
import { pngSignature, type StartedTwin } from '@squall/twin-kit'
import { expect } from 'vitest'

/** Signature, header of a 64 x 64 RGB picture, and the very bytes of the twin's only journaled output. */
export function expectJournaledPng(bytes: Buffer, twin: StartedTwin): void {
  expect(bytes.subarray(0, 8)).toEqual(pngSignature)
  expect(bytes.toString('latin1', 12, 16)).toBe('IHDR')
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24], bytes[25]]).toEqual([64, 64, 8, 2])
  const outputs = twin.journal.filter(({ event }) => event === 'output')
  expect(outputs.map(({ sha256 }) => sha256)).toEqual([createHash('sha256').update(bytes).digest('hex')])
  expect(outputs[0]?.['bytes']).toBe(bytes.length)
}
