import { afterEach, expect, test, vi } from 'vitest'
import { nodeBuiltin } from '../../src/bytes/node-builtin.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

test('a module of Node is there on Node', () => {
  expect(nodeBuiltin('node:crypto')?.createHash).toBeTypeOf('function')
})

test('where asking for it throws, as on an edge runtime that only pretends, there is none', () => {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => {
    throw new Error(
      'A Node.js API is used (process.getBuiltinModule) which is not supported in the Edge Runtime',
    )
  })
  expect(nodeBuiltin('node:crypto')).toBeUndefined()
})

test.each([
  ['no process', undefined],
  ['a process of few members', { env: {} }],
])('where there is %s, as on edge runtimes, there is none', (_, process) => {
  vi.stubGlobal('process', process)
  const found = nodeBuiltin('node:crypto')
  vi.unstubAllGlobals()
  expect(found).toBeUndefined()
})
