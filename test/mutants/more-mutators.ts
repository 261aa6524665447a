import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The parts of Babel's syntax tree that are read here. */
interface Node {
  readonly type: string
  readonly argument?: Node
  readonly callee?: Node & { readonly object?: Node & { readonly name?: string } }
  readonly arguments?: readonly Node[]
  readonly value?: number
}

interface Path {
  readonly node: Node
  readonly parent: Node
}

interface Mutator {
  readonly name: string
  mutate(path: Path): Iterable<Node>
}

/** Kinds of faults that Stryker does not make. */
const more: readonly Mutator[] = [
  {
    name: 'AwaitRemoval',
    *mutate({ node: { type, argument } }) {
      if (type === 'AwaitExpression' && argument) yield argument
    },
  },
  {
    name: 'ArgumentSwap',
    *mutate({ node }) {
      if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return
      if (node.callee?.object?.name === 'Math') return // of the least or greatest of two, the order does not matter
      const [first, second, ...others] = node.arguments ?? []
      if (first && second) yield { ...node, arguments: [second, first, ...others] }
    },
  },
  {
    name: 'NumberChange',
    *mutate({ node: { type, value }, parent }) {
      if (type === 'NumericLiteral' && parent.type !== 'TSLiteralType')
        yield { type, value: Number(value) + 1 }
    },
  },
]

/** Adds them to Stryker's own. It has no public way to do so: this fails where its list is no longer there. */
export async function addMoreMutators(): Promise<void> {
  const ofStryker = createRequire(import.meta.resolve('@stryker-mutator/core'))
  const list = join(ofStryker.resolve('@stryker-mutator/instrumenter'), '../mutators/mutate.js')
  const { allMutators } = (await import(pathToFileURL(list).href)) as { allMutators: Mutator[] }
  allMutators.push(...more)
}
