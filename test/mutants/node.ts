/** The parts of Babel's syntax tree that are read here. */
export interface Node {
  readonly type: string
  readonly argument?: Node
  readonly async?: boolean
  readonly generator?: boolean
  readonly operator?: string
  readonly left?: Node
  readonly right?: Node
  readonly kind?: string
  readonly computed?: boolean
  readonly params?: readonly Node[]
  readonly properties?: readonly Node[]
  readonly block?: Node
  readonly finalizer?: Node | null
  readonly body?: readonly Node[] | Node
  readonly callee?: Node & { readonly object?: Node & { readonly name?: string } }
  readonly arguments?: readonly Node[]
  readonly value?: unknown
  readonly [part: string]: unknown
}

interface Path {
  readonly node: Node
  readonly parent: Node
}

export interface Mutator {
  readonly name: string
  mutate(path: Path): Iterable<Node>
}
