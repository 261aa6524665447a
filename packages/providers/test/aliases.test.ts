import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { signDelivery } from '@hookport/sender'
import { feedReceiver } from '@hookport/testkit/receivers/feed-receiver'
import { jaotOptions, signedJaot } from '@hookport/testkit/receivers/signed-deliveries'
import { expect, test } from 'vitest'

async function jaotAliases(type: string, event: object) {
  const { deliver, handled } = feedReceiver(jaotReceiver(jaotOptions))
  await deliver(signedJaot(type as never, event))
  return handled[0]?.aliases
}

const run = { run_id: 'trun_1', trigger_id: 'trg_1', trigger_name: 'Nightly', status: 'completed' }

test('a run that ended is known by one name, told of as documented or as it is sent', async () => {
  const name = ['jaot:~end:completed:trun_1']
  const result = { status: 'optimal' }
  expect(
    await jaotAliases('trigger.run.completed', { run_id: 'trun_1', data: { status: 'completed', result } }),
  ).toEqual(name)
  expect(await jaotAliases('trigger.execution.completed', { data: run })).toEqual(name)
})

test('a run whose data did not fit may be told of as failed', async () => {
  const data = { run_id: 'trun_1', trigger_id: 'trg_1', error: 'missing' }
  expect(await jaotAliases('trigger.execution.validation_failed', { data })).toEqual([
    'jaot:~end:validation_failed:trun_1',
    'jaot:~end:failed:trun_1',
  ])
})

test.each(['trigger.schedule.auto_disabled', 'credits.low', 'execution.failed'])(
  'JAOT’s %s has no other name: it is about no run',
  async (type) => {
    const data = { trigger_id: 't', trigger_name: 'n', schedule_id: 's', consecutive_failures: 3 }
    const more = { current_balance: 1, threshold: 2, execution_id: 'e', model_name: 'm', error_message: 'x' }
    expect(await jaotAliases(type, { data: { ...data, ...more } })).toEqual([])
  },
)

test.each([
  ['optimization.failed', ['failed']],
  ['optimization.cancelled', ['cancelled']],
  ['optimization.timeout', ['timeout', 'failed']],
  ['optimization.started', []],
  ['optimization.stagnated', []],
  ['strategy.changed', []],
  ['context.updated', []],
])('Sematryx’s %s ends an optimization as %j', async (type, ends) => {
  const { deliver, handled } = feedReceiver(sematryxReceiver({ secret: 'whsec_1' }))
  const event = {
    id: 'evt_1',
    type,
    created_at: new Date().toISOString(),
    data: { optimization_id: 'opt_1' },
  }
  await deliver(signDelivery({ provider: 'sematryx', event, secret: 'whsec_1' }))
  expect(handled[0]?.aliases).toEqual(ends.map((end) => `sematryx:~end:${end}:opt_1`))
})
