import { InvalidEnvelope } from '@hookport/core'
import { expect, test, vi } from 'vitest'
import { isInvalidEnvelope } from '../../src/contracts/provider/provider.ts'

test('one that another copy of this package has made is known as one', async () => {
  vi.resetModules()
  const another = await import('../../src/contracts/provider/provider.ts')
  expect(another.InvalidEnvelope).not.toBe(InvalidEnvelope)
  expect(isInvalidEnvelope(new another.InvalidEnvelope('it has no id'))).toBe(true)
})

test('no other error is', () => {
  expect(isInvalidEnvelope(new Error('it has no id'))).toBe(false)
  expect(isInvalidEnvelope({ name: 'InvalidEnvelope' })).toBe(false)
})
