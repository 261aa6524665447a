import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { feedReceiver, heldUnreadable, received } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  sematryxOptions,
  signedJaot,
  signedSematryx,
} from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test } from 'vitest'

const noTexts: [string, unknown][] = [
  ['missing', undefined],
  ['null', null],
  ['empty', ''],
  ['a number', 7],
  ['an object', {}],
]

describe('Sematryx', () => {
  const feed = () => feedReceiver(sematryxReceiver(sematryxOptions))

  test('its envelope becomes the event', async () => {
    const { deliver, handled } = feed()
    const changes = { id: 'evt_1', type: 'optimization.failed', created_at: '2026-11-20T10:00:00Z' }
    expect(await deliver(signedSematryx(changes))).toEqual(received)
    expect(handled).toEqual([
      expect.objectContaining({
        id: 'evt_1',
        type: 'optimization.failed',
        createdAt: new Date('2026-11-20T10:00:00Z'),
      }),
    ])
  })

  test.each(noTexts)('an id that is %s makes the payload invalid', async (_, id) => {
    const { deliver, handled } = feed()
    expect(await deliver(signedSematryx({ id }))).toEqual(heldUnreadable)
    expect(handled).toEqual([])
  })

  test.each(noTexts)('a type that is %s makes the payload invalid', async (_, type) => {
    const { deliver, handled } = feed()
    expect(await deliver(signedSematryx({ type }))).toEqual(heldUnreadable)
    expect(handled).toEqual([])
  })
})

describe('JAOT', () => {
  const feed = () => feedReceiver(jaotReceiver(jaotOptions))

  test.each(noTexts)('an event type that is %s makes the payload invalid', async (_, event) => {
    const { deliver, handled } = feed()
    expect(await deliver(signedJaot('execution.completed', { event }))).toEqual(heldUnreadable)
    expect(handled).toEqual([])
  })

  test('headers that are not signed say nothing of type and time', async () => {
    const { deliver, handled } = feed()
    const { headers, ...signed } = signedJaot('execution.completed', { timestamp: '2026-11-20T10:00:00Z' })
    const lies = { ...headers, 'X-Jaot-Event': 'execution.failed', 'X-Jaot-Delivery-Timestamp': '1' }
    expect(await deliver({ ...signed, headers: lies })).toEqual(received)
    expect(handled).toEqual([
      expect.objectContaining({
        type: 'execution.completed',
        createdAt: new Date('2026-11-20T10:00:00Z'),
      }),
    ])
  })
})
