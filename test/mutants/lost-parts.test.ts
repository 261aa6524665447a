import { expect, test } from 'vitest'
import { lostParts } from './lost-parts.ts'
import type { Node } from './node.ts'

const name = (name: string): Node => ({ type: 'Identifier', name })
const [a, b, f] = [name('a'), name('b'), name('f')]

function mutantsOf(kind: string, node: Node, parent: Node = { type: 'Program' }): Node[] {
  const mutator = lostParts.find((one) => one.name === kind)
  return [...(mutator?.mutate({ node, parent }) ?? [])]
}

test('a call becomes what it was given first, or what it was called on, or loses its last argument', () => {
  const call: Node = { type: 'CallExpression', callee: f, arguments: [a, b] }
  expect(mutantsOf('CallLost', call)).toEqual([a])
  const callee: Node = { type: 'MemberExpression', object: b, property: f }
  expect(mutantsOf('CallLost', { ...call, callee, arguments: [] })).toEqual([b])
  expect(mutantsOf('LastArgumentLost', call)).toEqual([{ ...call, arguments: [a] }])
})

test('an object loses each of its properties', () => {
  const object: Node = { type: 'ObjectExpression', properties: [a, b] }
  expect(mutantsOf('PropertyLost', object).map(({ properties }) => properties)).toEqual([[b], [a]])
})

test('a condition loses each side, and a try what it catches', () => {
  expect(mutantsOf('SideLost', { type: 'LogicalExpression', operator: '??', left: a, right: b })).toEqual([
    a,
    b,
  ])
  const [block, finalizer]: Node[] = [
    { type: 'BlockStatement', body: [a] },
    { type: 'BlockStatement', body: [b] },
  ] as const
  expect(mutantsOf('TryLost', { type: 'TryStatement', block, finalizer: null })).toMatchObject([
    { body: [block] },
  ])
  expect(mutantsOf('TryLost', { type: 'TryStatement', block, finalizer })).toMatchObject([
    { body: [block, finalizer] },
  ])
})

test('of methods only, the second call returns at once', () => {
  const body: Node = { type: 'BlockStatement', body: [a] }
  const [mutant] = mutantsOf('SecondCallLost', body, { type: 'ClassMethod', kind: 'method' })
  expect(mutant?.body).toEqual([expect.objectContaining({ type: 'IfStatement' }), a])
  expect(mutantsOf('SecondCallLost', body, { type: 'ClassMethod', kind: 'constructor' })).toEqual([])
  expect(mutantsOf('SecondCallLost', body, { type: 'FunctionDeclaration' })).toEqual([])
})
