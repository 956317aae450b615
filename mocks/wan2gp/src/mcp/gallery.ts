/** The gallery of the MCP session: what was generated or uploaded. Records as in section 5 of the protocol notes. */
import { createHash } from 'node:crypto'
import type { GalleryFile, Generation } from '../session.ts'

/** A record. `gallery_id` follows from the path. */
export type GalleryRecord = {
  readonly gallery_id: string
  readonly gallery: 'visual'
  readonly index: number
  readonly path: string
  readonly media_type: GalleryFile['mediaType']
  readonly selected: boolean
  readonly in_gallery: true
  readonly settings: GalleryFile['settings']
}

/** All records, oldest first; the newest file is the selected one. */
export function galleryRecords({ files }: Generation): readonly GalleryRecord[] {
  return files.map((file, index) => ({
    gallery_id: `visual:${createHash('sha1').update(file.outputPath.toLowerCase()).digest('hex').slice(0, 12)}`,
    gallery: 'visual',
    index,
    path: file.outputPath,
    media_type: file.mediaType,
    selected: index === files.length - 1,
    in_gallery: true,
    settings: file.settings,
  }))
}

/** Records of one kind, the newest `limit` of them. */
export function listGallery(gen: Generation, mediaType: string, limit: number): readonly GalleryRecord[] {
  if (!['all', 'image', 'video', 'audio'].includes(mediaType)) {
    throw new Error('media_type must be all, image, video, or audio')
  }
  const most = Math.max(1, Math.min(Math.trunc(limit), 500))
  return galleryRecords(gen)
    .filter((record) => mediaType === 'all' || record.media_type === mediaType)
    .slice(-most)
}

/** The record of that id. Throws what Python's KeyError reads like. */
export function galleryItem(gen: Generation, id: string): GalleryRecord {
  const record = galleryRecords(gen).find(({ gallery_id: known }) => known === id.trim().toLowerCase())
  if (record === undefined) throw new Error(`'Unknown WanGP gallery_id: ${id}'`)
  return record
}
