import { createHash } from 'node:crypto'
import { jaotReceiver } from '@hookport/providers/jaot'
import type { SignedDelivery } from '@hookport/sender'
import { feedReceiver, received } from '@hookport/testkit/receivers/feed-receiver'
import { jaotOptions, signedJaot } from '@hookport/testkit/receivers/signed-deliveries'
import { expect, test } from 'vitest'

const feed = () => feedReceiver(jaotReceiver(jaotOptions))

async function idOf(delivery: SignedDelivery): Promise<string | undefined> {
  const { deliver, handled } = feed()
  expect(await deliver(delivery)).toEqual(received)
  expect(handled).toHaveLength(1)
  return handled[0]?.id
}

const run = { run_id: 'trun_1', trigger_id: 'trg_1', trigger_name: 'Nightly', status: 'completed' }
const execution = { execution_id: 'exe_1', model_name: 'VRP', status: 'optimal' }

test('the run id on top identifies a documented event', async () => {
  const delivery = signedJaot('trigger.run.completed', { run_id: 'run_1' })
  expect(await idOf(delivery)).toBe('trigger.run.completed:run_1')
})

test('the run id in the data identifies a real one, before its execution id', async () => {
  const data = { ...run, execution_id: 'exe_1' }
  expect(await idOf(signedJaot('trigger.execution.completed', { data }))).toBe(
    'trigger.execution.completed:trun_1',
  )
})

test('an event and a run that look alike when they are joined are not another event', async () => {
  const ids = [
    await idOf(signedJaot('a:b' as never, { run_id: 'c', data: {} })),
    await idOf(signedJaot('a' as never, { run_id: 'b:c', data: {} })),
    await idOf(signedJaot('a' as never, { run_id: 'b%3Ac', data: {} })),
  ]
  expect(new Set(ids).size).toBe(3)
})

test('the run id on top counts before the one in the data', async () => {
  const delivery = signedJaot('trigger.execution.completed', { run_id: 'run_top', data: run })
  expect(await idOf(delivery)).toBe('trigger.execution.completed:run_top')
})

test('the execution id identifies an event without a run', async () => {
  expect(await idOf(signedJaot('execution.completed', { data: execution }))).toBe('execution.completed:exe_1')
})

test.each([
  ['null', null],
  ['empty', ''],
  ['a number', 7],
])('a run id that is %s does not identify: the execution id does', async (_, run_id) => {
  const delivery = signedJaot('execution.completed', { run_id, data: { ...execution, run_id } })
  expect(await idOf(delivery)).toBe('execution.completed:exe_1')
})

test.each([
  ['null', null],
  ['empty', ''],
  ['missing', undefined],
])('without a run id, an execution id that is %s leaves the digest of the body', async (_, execution_id) => {
  const data = { current_balance: 5, threshold: 10, run_id: null, execution_id }
  const delivery = signedJaot('credits.low', { data })
  const digest = createHash('sha256').update(delivery.body).digest('hex')
  expect(await idOf(delivery)).toBe(`sha256:${digest}`)
})

test.each([
  ['null', null],
  ['a text', 'execution_id'],
  ['a list', []],
  ['missing', undefined],
])('data that is %s leaves the digest of the body', async (_, data) => {
  const { deliver, handled, deadLetters } = feed()
  const delivery = signedJaot('credits.low', { event: 'credits.refilled', data })
  const digest = createHash('sha256').update(delivery.body).digest('hex')
  expect(await deliver(delivery)).toEqual(received)
  expect(handled.map(({ id }) => id)).toEqual([`sha256:${digest}`])
  expect(await deadLetters()).toEqual([])
})

test('the trigger that every one of its runs shares does not identify an event', async () => {
  const data = { trigger_id: 'trg_1', trigger_name: 'Nightly', schedule_id: 'sch_1', consecutive_failures: 5 }
  expect(await idOf(signedJaot('trigger.schedule.auto_disabled', { data }))).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test.each(['trigger.run.failed', 'trigger.execution.failed', 'execution.failed', 'credits.low'] as const)(
  'a retry of %s is a duplicate, whatever its unsigned headers say',
  async (type) => {
    const { deliver, handled } = feed()
    const delivery = signedJaot(type)
    const later = { ...delivery.headers, 'X-Jaot-Delivery-Timestamp': '1795175999' }
    expect(await deliver(delivery)).toEqual(received)
    expect(await deliver({ ...delivery, headers: later })).toEqual(received)
    expect(handled).toHaveLength(1)
  },
)

test('a run that completes and a run that fails are two events', async () => {
  const { deliver, handled } = feed()
  await deliver(signedJaot('trigger.execution.completed', { data: run }))
  await deliver(signedJaot('trigger.execution.failed', { data: run }))
  expect(handled.map(({ id }) => id)).toEqual([
    'trigger.execution.completed:trun_1',
    'trigger.execution.failed:trun_1',
  ])
})

test('what recurs with the same data is another event by its timestamp', async () => {
  const { deliver, handled } = feed()
  const data = { current_balance: 5, threshold: 10 }
  await deliver(signedJaot('credits.low', { data, timestamp: '2026-11-20T06:00:15.123456+00:00Z' }))
  await deliver(signedJaot('credits.low', { data, timestamp: '2026-11-20T06:00:15.123457+00:00Z' }))
  expect(handled).toHaveLength(2)
})
