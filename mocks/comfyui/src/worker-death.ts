/** How a prompt can take the server down. Both were measured on a real server (golden 14). */

/**
 * Raised by a node where Python raises something that is no `Exception`: the worker thread ends, the prompt stays
 * "running" for ever, and everything else looks healthy.
 */
export class WorkerDeath extends Error {
  constructor(type: string) {
    super(`${type} in the worker thread`)
    this.name = 'WorkerDeath'
  }
}

/**
 * A value in UI data that Python cannot write as JSON. The publisher raises on it and the whole process ends with
 * exit code 1.
 */
export class NotJson {
  readonly type: string

  constructor(type: string) {
    this.type = type
    Object.defineProperty(this, 'value', { enumerable: true, get: () => refuse(type) })
  }
}

function refuse(type: string): never {
  throw new TypeError(`Object of type ${type} is not JSON serializable`)
}
