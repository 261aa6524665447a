import { memoryInbox, type SecretOption, type TenantSecrets, type WebhookEvent } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { acme, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const received = { status: 200 }

const secretOf = (tenant: string): TenantSecrets => ({ tenant, secret: `the secret of ${tenant}` })

/** Each tenant has a URL of its own. */
const byUrl: SecretOption = ({ url }) =>
  secretOf(new URL(url, 'http://acme.example').searchParams.get('tenant') ?? '')

function postFrom(
  tenant: string,
  event: object = paidOrder(start),
  url = `/hooks?tenant=${encodeURIComponent(tenant)}`,
) {
  return { ...signedPost(JSON.stringify(event), secretOf(tenant).secret as string), url }
}

describe('two tenants', () => {
  test('whose events have the same id have two events: neither blocks the other', async () => {
    const { receiver, observed } = acmeReceiver({ provider: acme({ secret: byUrl }) })
    const events: WebhookEvent[] = []
    receiver.onEvent('order.paid', (event) => void events.push(event))
    expect(await receiver.receive(postFrom('one'))).toMatchObject(received)
    expect(await receiver.receive(postFrom('two', paidOrder(start, { data: { amount: 7 } })))).toMatchObject(
      received,
    )
    expect(await receiver.receive(postFrom('one'))).toMatchObject(received)
    await receiver.idle()
    const keys = [
      { id: 'evt_1', tenant: 'one', key: 'acme@one:evt_1', origin: 'delivery' },
      { id: 'evt_1', tenant: 'two', key: 'acme@two:evt_1', origin: 'delivery' },
    ]
    expect(events).toMatchObject(keys)
    const told = keys.map(({ id, tenant, key }) => ({ id, tenant, key }))
    expect(observed.accepted).toMatchObject(told)
    expect(observed.handled).toMatchObject(told)
    expect(observed.duplicate).toMatchObject([{ ...told[0], conflict: false }])
  })

  test('can not forge one another’s events', async () => {
    const { receiver, observed } = acmeReceiver({ provider: acme({ secret: byUrl }) })
    expect(await receiver.receive(postFrom('one', paidOrder(start), '/hooks?tenant=two'))).toMatchObject({
      status: 401,
    })
    expect(observed.accepted ?? []).toEqual([])
  })

  test('whose bodies can not be read have a dead letter each', async () => {
    const { receiver } = acmeReceiver({ provider: acme({ secret: byUrl }), consume: false })
    for (const tenant of ['one', 'two']) await receiver.receive(postFrom(tenant, { id: 'evt_1' }))
    const { items } = await receiver.inbox.list({ state: 'dead' })
    expect(items.map((item) => item.tenant).sort()).toEqual(['one', 'two'])
    expect((await receiver.inbox.list({ tenant: 'two' })).items).toHaveLength(1)
  })

  test('may have any names: no two of them share a key', async () => {
    const names = ['a', 'a@b', 'a:b', 'ä', '~a', '\u0000', 'a'.repeat(500), '\ud800', '\ud801']
    const { receiver, observed } = acmeReceiver({
      provider: acme({
        secret: ({ headers }) => ({ tenant: names[Number(headers.get('x-name'))] ?? '', secret: 'shared' }),
      }),
    })
    for (const index of names.keys()) {
      const delivery = signedPost(JSON.stringify(paidOrder(start)), 'shared')
      const headers = new Headers({
        ...Object.fromEntries(delivery.headers as Headers),
        'x-name': String(index),
      })
      expect(await receiver.receive({ ...delivery, headers })).toMatchObject(received)
    }
    expect(new Set(observed.accepted?.map(({ key }) => key)).size).toBe(names.length)
  })

  test('have two events, though a tenant and its id read like the other ones where they are joined', async () => {
    const { receiver, observed } = acmeReceiver({ provider: acme({ secret: byUrl }) })
    for (const [tenant, id] of [
      ['one:two', 'evt_1'],
      ['one', 'two:evt_1'],
    ] as const)
      expect(await receiver.receive(postFrom(tenant, paidOrder(start, { id })))).toMatchObject(received)
    expect(observed.duplicate ?? []).toEqual([])
    expect(observed.accepted).toMatchObject([
      { tenant: 'one:two', id: 'evt_1' },
      { tenant: 'one', id: 'two:evt_1' },
    ])
  })
})

test('a tenant may have several secrets, and observers are told which one matched', async () => {
  const { receiver, observed } = acmeReceiver({
    provider: acme({
      secret: async () => ({ tenant: 'one', secret: ['new', secretOf('one').secret as string] }),
    }),
  })
  expect(await receiver.receive(postFrom('one'))).toMatchObject(received)
  expect(observed.accepted).toMatchObject([{ tenant: 'one', secretIndex: 1 }])
})

test.each(['undefined', 'null'])(
  'a secret that is the word %s is 503: it is most often a column that is not set',
  async (word) => {
    for (const secret of [word, [word], { tenant: 'one', secret: word }]) {
      const { receiver } = acmeReceiver({ provider: acme({ secret: () => secret }) })
      const delivery = signedPost(JSON.stringify(paidOrder(start)), word)
      expect(await receiver.receive(delivery)).toMatchObject({ status: 503 })
    }
  },
)

test.each<[string, unknown]>([
  ['empty', ''],
  ['no text', 7],
  ['missing', undefined],
])(
  'a tenant that is %s is 503, and a line says why: its events would be those of every such tenant',
  async (_, tenant) => {
    const { receiver, log } = acmeReceiver({
      provider: acme({ secret: () => ({ tenant, secret: secretOf('one').secret }) as TenantSecrets }),
    })
    expect(await receiver.receive(postFrom('one'))).toMatchObject({ status: 503 })
    expect(log.text()).toContain('the function that picks the secret returned')
  },
)

test.each(['hmac-sha1', 'hmac-sha256', 'hmac-sha512', 'ed25519', 'ecdsa-p256'] as const)(
  'a tenant that does not exist is 401, whatever the sender signs with: %s',
  async (algorithm) => {
    const readSignature = () => ({ digests: [new Uint8Array(64)] })
    const { receiver } = acmeReceiver({
      provider: acme({ secret: () => undefined, algorithm, readSignature }),
    })
    expect(await receiver.receive(postFrom('one'))).toMatchObject({ status: 401 })
  },
)

describe('acceptTimeout is one budget for finding the secret and holding the event', () => {
  const never = new Promise<never>(() => {})

  test('a store of secrets that hangs is 503 when it is used up', async () => {
    const clock = manualClock(start)
    const { receiver } = acmeReceiver({
      clock,
      acceptTimeout: 3_000,
      provider: acme({ secret: () => never }),
    })
    const reply = receiver.receive(postFrom('one'))
    await clock.advance(2_999)
    expect(await Promise.race([reply, 'still waiting'])).toBe('still waiting')
    await clock.advance(1)
    expect(await reply).toMatchObject({ status: 503 })
  })

  test.each(['on-receipt', 'after-handlers'] as const)(
    'the inbox has what the secret has left of it (%s)',
    async (acknowledge) => {
      const clock = manualClock(start)
      const secret: SecretOption = () =>
        new Promise((resolve) => clock.after(2_000, () => resolve(secretOf('one'))))
      const inbox = inboxInFront(memoryInbox({ clock }), { put: () => never, claim: () => never })
      const { receiver } = acmeReceiver({
        clock,
        acknowledge,
        inbox,
        acceptTimeout: 3_000,
        provider: acme({ secret }),
      })
      const settled = vi.fn()
      const reply = receiver.receive(postFrom('one')).then(settled)
      await clock.advance(2_999)
      expect(settled).not.toHaveBeenCalled()
      await clock.advance(1)
      await reply
      expect(settled).toHaveBeenCalledWith(expect.objectContaining({ status: 503 }))
    },
  )
})

test('of a tenant that the function does not know, the log says so, and the sender learns nothing', async () => {
  const { receiver, log } = acmeReceiver({ provider: acme({ secret: () => undefined }) })
  expect(await receiver.receive(signedPost('{}'))).toMatchObject({
    status: 401,
    body: '{"error":"invalid_signature"}',
  })
  expect(log.lines.map(({ message, details }) => [message, details.fix])).toEqual([
    [expect.stringContaining('has none for this delivery'), expect.stringContaining('tenant')],
  ])
})
