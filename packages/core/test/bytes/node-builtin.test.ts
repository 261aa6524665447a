import { afterEach, expect, test, vi } from 'vitest'
import { nodeBuiltin } from '../../src/bytes/node-builtin.ts'

afterEach(() => void vi.restoreAllMocks())

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
