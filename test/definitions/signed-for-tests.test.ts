import { generateKeyPairSync } from 'node:crypto'
import { createReceiver } from '@hookport/core'
import { deliver, manualClock } from '@hookport/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { workedDefinition } from './support/worked-definition.ts'

const now = Date.parse('2026-11-20T12:00:00Z')
const secret = 'the secret that was given out'
const publicUrl = 'https://example.com/webhooks/in'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

/** What a test has to give: a type where that is enough, else the payload. */
const events: Record<string, { options: object; type: string; payload?: object }> = {
  Linear: {
    options: { secret },
    type: 'Issue.create',
    payload: {
      action: 'create',
      type: 'Issue',
      createdAt: new Date(now).toISOString(),
      data: { id: '2174add1' },
      webhookTimestamp: now,
    },
  },
  Paddle: { options: { secret }, type: 'customer.created' },
  Square: { options: { secret, publicUrl }, type: 'payment.updated' },
  Zoom: { options: { secret }, type: 'meeting.started' },
  HubSpot: {
    options: { secret, publicUrl },
    type: 'contact.creation',
    payload: [
      {
        eventId: 1,
        subscriptionId: 25,
        occurredAt: now,
        subscriptionType: 'contact.creation',
        objectId: 123,
      },
    ],
  },
  SendGrid: {
    options: { secret: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') },
    type: 'delivered',
    payload: [{ sg_event_id: 'a', event: 'delivered', timestamp: now / 1000, email: 'a@b.c' }],
  },
}

describe.each(Object.entries(events))(
  '%s, as docs/providers.md defines it',
  (heading, { options, ...event }) => {
    function setUp() {
      const provider = workedDefinition(heading)(options)
      const receiver = createReceiver({ provider, clock: manualClock(now), logger: false, consume: false })
      onTestFinished(() => receiver.stop())
      return receiver
    }

    test('is signed for by @hookport/testing, which knows nothing of it', async () => {
      const delivered = await deliver(setUp(), { ...event, privateKey })
      expect(delivered).toMatchObject({ status: 200, outcome: 'accepted', events: [{ type: event.type }] })
    })

    test('refuses a signature that is wrong', async () => {
      const delivered = await deliver(setUp(), { ...event, privateKey, signature: 'wrong' })
      expect(delivered).toMatchObject({ status: 401, outcome: 'invalid_signature' })
    })
  },
)
