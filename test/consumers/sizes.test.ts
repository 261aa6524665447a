import { expect, test } from 'vitest'
import { bundles, measure } from './support/bundles.ts'

test.for(bundles)('$name stays within its budget', async ({ source, ...budget }) => {
  const { minified, compressed, text } = await measure(source)
  expect(minified).toBeLessThan(budget.minified)
  expect(compressed).toBeLessThan(budget.compressed)
  expect(text, 'the doctor is for development').not.toContain(
    'the signature is right, but written in another encoding',
  )
  expect(minified, 'and not far below it').toBeGreaterThan(budget.minified * 0.9)
})
