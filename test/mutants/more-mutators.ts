import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { lostParts } from './lost-parts.ts'
import type { Mutator } from './node.ts'

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
  ...lostParts,
]

/**
 * Adds them to Stryker's own, or takes only those of these names. It has no public way to do so: this fails where its list is no longer there.
 */
export async function addMoreMutators(names?: readonly string[]): Promise<void> {
  const ofStryker = createRequire(import.meta.resolve('@stryker-mutator/core'))
  const list = join(ofStryker.resolve('@stryker-mutator/instrumenter'), '../mutators/mutate.js')
  const { allMutators } = (await import(pathToFileURL(list).href)) as { allMutators: Mutator[] }
  allMutators.push(...more)
  if (!names) return
  const unknown = names.find((name) => allMutators.every((mutator) => mutator.name !== name))
  if (unknown)
    throw new Error(
      `there is no kind ${unknown}: there are ${allMutators.map(({ name }) => name).join(', ')}`,
    )
  allMutators.splice(0, Infinity, ...allMutators.filter(({ name }) => names.includes(name)))
}
