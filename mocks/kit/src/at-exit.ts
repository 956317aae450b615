/**
 * What must still be done when this process ends: children to kill, folders to remove. One listener for all of it,
 * because Node warns of more than ten. The list belongs to the process, as its listeners do.
 */

const tasks = new Set<() => void>()

/** Runs `task` when the process ends, unless it was called off before. Returns what calls it off. */
export function atExit(task: () => void): () => void {
  if (tasks.size === 0) process.on('exit', runAll)
  tasks.add(task)
  return () => {
    tasks.delete(task)
    if (tasks.size === 0) process.off('exit', runAll)
  }
}

function runAll(): void {
  for (const task of tasks) task()
}
