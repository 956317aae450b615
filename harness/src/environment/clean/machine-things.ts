/** What runs leave on the machine of the harness: processes, temp folders, reserved ports and listeners on them. */
import { findReservations, isFree } from '../ports.ts'
import { findRunProcesses } from '../run-processes.ts'
import { findRunFolders } from '../temp-folder.ts'
import type { Look, Thing } from './thing.ts'

export const machineLooks: Readonly<Record<string, Look>> = {
  processes: () =>
    findRunProcesses().map(({ pid, runId }) => ({
      area: 'process',
      id: String(pid),
      name: String(pid),
      run: runId,
    })),
  folders: () =>
    findRunFolders().map(({ folder, marker }) => ({
      area: 'folder',
      id: folder,
      name: folder,
      run: marker.run,
    })),
  reservations: () =>
    findReservations().map(({ port, runId }) => ({
      area: 'reservation',
      id: String(port),
      name: `port ${port}`,
      run: runId,
    })),
}

/**
 * Ports of a run on which somebody still listens. Asked port by port: the kernel's own list (/proc/net/tcp) walks all
 * its tables and takes 20 to 90 ms, where a bind takes none.
 */
export async function listenersOn(ports: readonly number[], runId: string): Promise<Thing[]> {
  const free = await Promise.all(ports.map(isFree))
  return ports
    .filter((_port, index) => free[index] === false)
    .map((port) => ({ area: 'listener', id: String(port), name: `on port ${port}`, run: runId }))
}
