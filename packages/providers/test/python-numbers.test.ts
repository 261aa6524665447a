import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { feedReceiver, received } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  sematryxOptions,
  signedJaot,
  signedSematryx,
} from '@hookport/testkit/receivers/signed-deliveries'
import { expect, test } from 'vitest'

const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity } = Number

test('Sematryx: a run that diverged reaches its handler with the numbers that were sent', async () => {
  const { deliver, handled } = feedReceiver(sematryxReceiver(sematryxOptions))
  const data = {
    optimization_id: 'opt_1',
    status: 'completed',
    result: {
      best_solution: [nan, 1.5],
      best_fitness: infinity,
      evaluations: 3,
      duration_seconds: minusInfinity,
    },
  }
  const delivery = signedSematryx({ data })
  expect(await deliver(delivery)).toEqual(received)
  expect(handled.map((event) => event.data)).toEqual([data])
  expect(handled.map((event) => event.payload.data)).toEqual([data])
  expect(handled.map(({ rawBody }) => Buffer.from(rawBody).toString())).toEqual([delivery.body.toString()])
  expect(delivery.body.toString()).toContain('"best_solution":[NaN,1.5],"best_fitness":Infinity')
})

test('JAOT: an unbounded run reaches its handler', async () => {
  const { deliver, handled } = feedReceiver(jaotReceiver(jaotOptions))
  const data = { status: 'completed', result: { status: 'unbounded', objective_value: minusInfinity } }
  expect(await deliver(signedJaot('trigger.run.completed', { data }))).toEqual(received)
  expect(handled.map((event) => event.data)).toEqual([data])
})
