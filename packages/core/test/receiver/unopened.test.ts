import { PermanentError, type ReceiverOptions } from '@hookport/core'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeEvents, acmeSecret } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

type Validate = (value: unknown) => { value: { amount: number } } | { issues: { message: string }[] }

const retry = { attempts: 3, initialDelay: 1_000, maxDelay: 1_000, jitter: 0 }
const amount = { value: { amount: 5 } }

/** A receiver whose schema of `order.paid` may be another with each deploy. */
function withSchema(options: Omit<ReceiverOptions<typeof acmeEvents>, 'provider'> = {}) {
  const validate = vi.fn<Validate>(() => amount)
  const schema = { '~standard': { version: 1, vendor: 'hand-made', validate } } as const
  const provider = acme({ secret: acmeSecret, events: { ...acmeEvents, 'order.paid': schema } })
  return { ...acmeReceiver({ provider, retry, ...options }), validate }
}

describe('an event that waits for a handler, and can not be opened any more', () => {
  test('is a dead letter with the next turn, where its data does not fit a new schema', async () => {
    const { receiver, send, clock, validate, observed } = withSchema()
    receiver.onEvent('order.paid', () => Promise.reject(new Error('first')))
    await send()
    await receiver.idle()
    validate.mockReturnValue({ issues: [{ message: 'amount must be a number' }] })
    await clock.advance(1_000)
    await receiver.idle()
    expect(await receiver.inbox.get('acme:evt_1')).toMatchObject({
      state: 'dead',
      failures: [{ handler: null, code: 'invalid_data' }],
      progress: { abandoned: [{ handler: null }] },
    })
    expect(validate).toHaveBeenCalledTimes(2)
    expect(observed.dead).toHaveLength(1)
  })

  test('is tried again as often as a handler is, with its waits, where a schema throws', async () => {
    const { receiver, send, clock, validate, observed } = withSchema()
    receiver.onEvent('order.paid', () => Promise.reject(new Error('first')))
    await send()
    await receiver.idle()
    validate.mockImplementation(() => {
      throw new Error('the schema is broken')
    })
    for (const turns of [2, 3]) {
      await clock.advance(999)
      await receiver.idle()
      expect(validate).toHaveBeenCalledTimes(turns - 1)
      await clock.advance(1)
      await receiver.idle()
      expect(validate).toHaveBeenCalledTimes(turns)
    }
    expect(observed.dead).toMatchObject([{ failures: [{ handler: null, message: 'the schema is broken' }] }])
  })

  test('goes on where it was, once it can be opened again', async () => {
    const { receiver, send, clock, validate } = withSchema()
    const [done, failing] = [vi.fn(), vi.fn().mockRejectedValueOnce(new Error('first'))]
    receiver.onEvent('order.paid', done, { name: 'done' }).onEvent('order.paid', failing, { name: 'failing' })
    await send()
    await receiver.idle()
    validate.mockImplementationOnce(() => {
      throw new Error('the schema is broken')
    })
    for (let turn = 0; turn < 3; turn++) {
      await clock.advance(1_000)
      await receiver.idle()
    }
    expect([done, failing].map((handler) => handler.mock.calls.length)).toEqual([1, 2])
    expect(await receiver.inbox.get('acme:evt_1')).toBeUndefined()
  })

  test('is a dead letter also while one of its handlers is paused', async () => {
    const { receiver, send, clock, validate, observed } = withSchema()
    receiver.onEvent('order.paid', () => {}, { name: 'resting' })
    await receiver.pause({ handler: 'resting', reason: 'a test' })
    await send()
    await receiver.idle()
    validate.mockReturnValue({ issues: [{ message: 'amount must be a number' }] })
    await receiver.resume({ handler: 'resting' })
    await receiver.pause({ handler: 'resting', reason: 'again' })
    await clock.advance(10_000)
    await receiver.idle()
    expect(observed.dead).toHaveLength(1)
  })

  test('holds up no other event of its order key', async () => {
    const order = { by: () => 'one key', older: 'handle' } as const
    const { receiver, send, clock, validate, observed } = withSchema({ order })
    receiver.onEvent('order.paid', ({ id }) => {
      if (id === 'evt_1') throw new Error('first')
    })
    await send({ id: 'evt_1' })
    await receiver.idle()
    await send({ id: 'evt_2' }) // whose place in the order is read at once
    validate.mockReturnValueOnce({ issues: [{ message: 'amount must be a number' }] })
    await clock.advance(1_000)
    await receiver.idle()
    expect(observed.dead).toMatchObject([{ id: 'evt_1' }])
    expect(observed.handled).toMatchObject([{ id: 'evt_2' }])
  })
})

describe.each([10, 10_000])(
  'a handler that writes into the bytes of an event, with a note of %i characters',
  (length) => {
    const spoil = ({ rawBody }: { rawBody: Uint8Array }) => void rawBody.fill(0)
    const note = 'x'.repeat(length)

    test.each(['on-receipt', 'after-handlers'] as const)(
      'takes nothing from its retry, %s',
      async (acknowledge) => {
        const { receiver, send, clock } = withSchema({ acknowledge })
        const bodies: string[] = []
        receiver.onEvent('order.paid', (event) => {
          bodies.push(Buffer.from(event.rawBody).toString())
          spoil(event)
          if (bodies.length < 2) throw new Error('again')
        })
        const event = { at: clock.now(), note }
        await send(event)
        await receiver.idle()
        await clock.advance(1_000)
        if (acknowledge === 'after-handlers') await send(event)
        await receiver.idle()
        expect(bodies).toHaveLength(2)
        expect(bodies[1]).toBe(bodies[0])
      },
    )

    test.each(['on-receipt', 'after-handlers'] as const)(
      'leaves the dead letter whole, %s',
      async (acknowledge) => {
        const { receiver, send } = withSchema({ acknowledge })
        receiver.onEvent('order.paid', (event) => {
          spoil(event)
          throw new PermanentError('no')
        })
        await send({ note })
        await receiver.idle()
        const kept = await receiver.inbox.get('acme:evt_1')
        expect(JSON.parse(Buffer.from(kept?.rawBody ?? []).toString())).toMatchObject({ id: 'evt_1' })
      },
    )

    test('takes nothing from a replay of what was handled', async () => {
      const { receiver, send } = withSchema({ keepHandledFor: 3_600_000 })
      let turns = 0
      receiver.onEvent('order.paid', (event) => {
        turns += 1
        spoil(event)
      })
      await send({ note })
      await receiver.idle()
      await receiver.replay({ perSecond: Number.POSITIVE_INFINITY })
      await receiver.idle()
      expect(turns).toBe(2)
    })

    test('has them in a copy of the event, too, and may put others in their place', async () => {
      const { receiver, send } = withSchema()
      const seen: unknown[] = []
      receiver.onEvent('order.paid', (event) => {
        const copy = { ...event }
        seen.push(
          Object.keys(event).includes('rawBody'),
          copy.rawBody === event.rawBody,
          Buffer.isBuffer(copy.rawBody),
        )
        Object.assign(event, { rawBody: Buffer.from('other') })
        seen.push(String(event.rawBody), JSON.parse(String(copy.rawBody)).note === note)
      })
      await send({ note })
      await receiver.idle()
      expect(seen).toEqual([true, true, true, 'other', true])
    })
  },
)
