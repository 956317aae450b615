/**
 * Fault points: the named edges of a twin's protocol where it can be broken on purpose. A twin lists its points in
 * a catalog (plain data), the code of the twin passes each edge through `Faults`, and `docs/fault-points.md` is
 * made from the catalogs.
 */

/**
 * What passes a point, and so what can be done to it:
 * - `request`: an HTTP request or WebSocket handshake that has arrived; nothing was done for it yet;
 * - `answer`: an HTTP answer whose work is done, before its first byte leaves;
 * - `message`: one message on a WebSocket or event stream;
 * - `step`: something inside the server, such as loading a model or writing a file.
 */
export type Shape = 'request' | 'answer' | 'message' | 'step'

/** Kinds of harm. `fail` is the one a point spells out itself, in its `fails`. */
export type ActionKind =
  | 'drop'
  | 'delay'
  | 'duplicate'
  | 'reorder'
  | 'status'
  | 'cut'
  | 'corrupt'
  | 'close'
  | 'reset'
  | 'stall'
  | 'fail'
  | 'crash'

/** What can be done to each shape. A point's `actions` narrow it where an action would make no difference. */
const actionsOf: Readonly<Record<Shape, readonly ActionKind[]>> = {
  request: ['drop', 'delay', 'stall', 'status', 'close', 'reset', 'crash'],
  answer: ['drop', 'delay', 'stall', 'status', 'cut', 'corrupt', 'close', 'reset', 'crash'],
  message: ['drop', 'delay', 'duplicate', 'reorder', 'cut', 'corrupt', 'close', 'reset', 'stall', 'crash'],
  step: ['drop', 'delay', 'stall', 'fail', 'crash'],
}

/** One edge. */
export type Point = {
  readonly shape: Shape
  /** What passes here, in one line, for the generated table. */
  readonly summary: string
  /** Facts a fault can be matched by, for example `promptId`. Method and path are always there for HTTP. */
  readonly match?: readonly string[]
  /** Named failures that action `fail` can choose from, with what each does. Only for steps. */
  readonly fails?: Readonly<Record<string, string>>
  /** Default: all of the shape, `fail` only if there are `fails`. */
  readonly actions?: readonly ActionKind[]
}

/** Points by name, `<twin>.<area>.<edge>`. */
export type PointCatalog<Name extends string = string> = Readonly<Record<Name, Point>>

/** The actions one point takes. */
export function actionsAt(point: Point): readonly ActionKind[] {
  const actions = point.actions ?? actionsOf[point.shape]
  return point.fails === undefined ? actions.filter((kind) => kind !== 'fail') : actions
}

/** The actions of a point by name; none if there is no such point. */
export function actionsOfPoint(points: PointCatalog, name: string): readonly ActionKind[] {
  const point = points[name]
  return point === undefined ? [] : actionsAt(point)
}

/** Names that a fault's `point` covers: itself, or all that begin with what stands before its `*`. */
export function pointsNamed(point: string, points: PointCatalog): string[] {
  const names = Object.keys(points)
  if (!point.endsWith('*')) return names.filter((name) => name === point)
  return names.filter((name) => name.startsWith(point.slice(0, -1)))
}

/** Whether this point can suffer this action. */
export function takes(points: PointCatalog, name: string, kind: ActionKind): boolean {
  return actionsOfPoint(points, name).includes(kind)
}

/** Names of the two points of an HTTP edge: the request that comes, and the answer that leaves. */
export type HttpPoint<Twin extends string, Edge extends string> =
  | `${Twin}.http.${Edge}`
  | `${Twin}.answer.${Edge}`

/** Facts that every HTTP point can be matched by. */
const httpFacts = ['method', 'path']

/** Both points for each edge of `edges` (name -> the routes it stands for). */
export function httpPoints<Twin extends string, Edge extends string>(
  twin: Twin,
  edges: Readonly<Record<Edge, string>>,
  match?: Readonly<Partial<Record<NoInfer<Edge>, readonly string[]>>>,
): PointCatalog<HttpPoint<Twin, Edge>> {
  const entries = (Object.entries(edges) as [Edge, string][]).flatMap(([edge, routes]): [string, Point][] => [
    [`${twin}.http.${edge}`, { shape: 'request', summary: `${routes} has arrived`, match: httpFacts }],
    [
      `${twin}.answer.${edge}`,
      {
        shape: 'answer',
        summary: `${routes} is done, the answer is about to leave`,
        match: [...httpFacts, ...(match?.[edge] ?? [])],
      },
    ],
  ])
  return Object.fromEntries(entries) as Record<HttpPoint<Twin, Edge>, Point>
}
