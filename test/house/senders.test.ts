import { providersByName } from '@hookport/providers/by-name'
import { expect, test } from 'vitest'
import { sourcesBelow } from './sources.ts'

const comments = /\/\*.*?\*\/|^\s*\/\/.*$/gms

test.each(Object.keys(providersByName))('core does not know of %s', (name) => {
  const knowing = sourcesBelow('packages/core/src').filter(({ text }) =>
    text.replace(comments, '').toLowerCase().includes(name),
  )
  expect(knowing.map(({ path }) => path)).toEqual([])
})
