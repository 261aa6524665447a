import { RetryLater } from '@hookport/core'
import { expect, test } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

test('a sender is told when to come again where the handler says so, and only there: its own schedule is better', async () => {
  const { receiver, send } = acmeReceiver({ acknowledge: 'after-handlers' })
  const failures = [new Error('not yet'), new RetryLater(2_000)]
  receiver.onEvent('order.paid', () => {
    throw failures.shift()
  })
  const ordinary = await send()
  expect(ordinary.status).toBe(500)
  expect(ordinary.headers).not.toHaveProperty('retry-after')
  expect((await send()).headers).toMatchObject({ 'retry-after': '2' })
})
