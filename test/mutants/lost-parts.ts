import type { Mutator, Node } from './node.ts'

const calls = new Set(['CallExpression', 'OptionalCallExpression', 'NewExpression'])
const identifier = (name: string): Node => ({ type: 'Identifier', name })
const call = (callee: Node, ...given: Node[]): Node => ({ type: 'CallExpression', callee, arguments: given })

/** What people break: a part of the code is gone, and what is left looks as if it were whole. */
export const lostParts: readonly Mutator[] = [
  {
    // f(x) becomes x, and x.f() becomes x
    name: 'CallLost',
    *mutate({ node, parent }) {
      if (!calls.has(node.type) || parent.type === 'ThrowStatement') return // texts of errors are left alone
      const { callee, arguments: [first] = [] } = node
      if (first && first.type !== 'SpreadElement') yield first
      if (node.type !== 'NewExpression' && callee?.object && callee.object.type !== 'Super')
        yield callee.object
    },
  },
  {
    name: 'LastArgumentLost',
    *mutate({ node, parent }) {
      if (calls.has(node.type) && node.arguments?.length && parent.type !== 'ThrowStatement')
        yield { ...node, arguments: node.arguments.slice(0, -1) }
    },
  },
  {
    name: 'PropertyLost',
    *mutate({ node }) {
      if (node.type !== 'ObjectExpression' || !node.properties) return
      for (const lost of node.properties)
        yield { ...node, properties: node.properties.filter((property) => property !== lost) }
    },
  },
  {
    // a ?? b, a || b, a && b become a, and b
    name: 'SideLost',
    *mutate({ node: { type, left, right } }) {
      if (type !== 'LogicalExpression' || !left || !right) return
      yield left
      yield right
    },
  },
  {
    name: 'TryLost',
    *mutate({ node: { type, block, finalizer } }) {
      if (type !== 'TryStatement' || !block) return
      yield { type: 'BlockStatement', directives: [], body: finalizer ? [block, finalizer] : [block] }
    },
  },
  {
    // () => x answers what it answered first
    name: 'OnlyOnce',
    *mutate({ node }) {
      if (node.type !== 'ArrowFunctionExpression' || node.params?.length || isEmpty(node.body)) return
      const known = identifier('known')
      const inArray: Node = { type: 'ArrayExpression', elements: [call(node)] } // the first answer may be undefined
      const answer: Node = { type: 'AssignmentExpression', operator: '??=', left: known, right: inArray }
      const first: Node = { type: 'NumericLiteral', value: 0 }
      const body: Node = { type: 'MemberExpression', object: answer, property: first, computed: true }
      yield call(arrow([known], arrow([], body)))
    },
  },
  {
    // of each object, a second call of the method does nothing
    name: 'SecondCallLost',
    *mutate({ node, parent }) {
      const isMethod = parent.type === 'ClassMethod' || parent.type === 'ObjectMethod'
      if (node.type !== 'BlockStatement' || !isMethod || parent.kind !== 'method' || parent.generator) return
      const body = node.body as readonly Node[]
      yield { ...node, body: [returnIfCalled, ...body] }
    },
  },
]

function isEmpty(body: Node['body']): boolean {
  const statements = (body as Node | undefined)?.body
  return Array.isArray(statements) && statements.length === 0
}

function arrow(params: Node[], body: Node): Node {
  return { type: 'ArrowFunctionExpression', params, body, async: false, expression: true }
}

function member(object: Node, name: string): Node {
  return { type: 'MemberExpression', object, property: identifier(name), computed: false }
}

/** if (((globalThis.called ??= new WeakSet()).has(this) || !globalThis.called.add(this))) return */
const called = member(identifier('globalThis'), 'called')
const self: Node = { type: 'ThisExpression' }
const objects: Node = {
  type: 'AssignmentExpression',
  operator: '??=',
  left: called,
  right: { type: 'NewExpression', callee: identifier('WeakSet'), arguments: [] },
}
const returnIfCalled: Node = {
  type: 'IfStatement',
  test: {
    type: 'LogicalExpression',
    operator: '||',
    left: call(member(objects, 'has'), self),
    right: {
      type: 'UnaryExpression',
      operator: '!',
      prefix: true,
      argument: call(member(called, 'add'), self),
    },
  },
  consequent: { type: 'ReturnStatement', argument: null },
}
