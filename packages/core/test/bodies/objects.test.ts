import { expect, test } from 'vitest'
import { acme, acmeSecret, signedPost } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

test.each(['[]', '[{"id":"evt_1"}]', 'null', '"text"', '7'])(
  'where a sender’s bodies are objects, %s is held as unreadable, also where its definition reads nothing of the body',
  async (body) => {
    const readEnvelope = () => ({ id: 'evt_1', type: 'order.paid', createdAt: undefined })
    const { receiver, observed } = acmeReceiver({ provider: acme({ secret: acmeSecret, readEnvelope }) })
    const handled: unknown[] = []
    receiver.onAnyEvent(({ payload }) => void handled.push(payload))
    expect(await receiver.receive(signedPost(body))).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(handled).toEqual([])
    expect(observed.dead).toMatchObject([
      { failures: [{ code: 'unreadable', message: expect.stringContaining('it is not a JSON object') }] },
    ])
  },
)
