import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createReceiver, memoryInbox, PermanentError, RetryLater } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { acme, acmeSecret, signedPost } from '../support/acme.ts'
import { type AcmeReceiver, acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

const email = 'bob+x@example.com'
const data = { amount: 5, customer: { email, name: 'Bob Müller', phone: 491701234567 } }
const redact = ['data.customer']

/** All that is kept, logged and observed. */
async function everythingOf({ receiver, observed, log }: AcmeReceiver): Promise<string> {
  const { items } = await receiver.inbox.list({})
  return JSON.stringify([items, observed, log.lines], (_, value) =>
    value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
  )
}

async function failedWith(thrown: () => unknown, options: object = {}) {
  const acmes = acmeReceiver({ redact, retry: { jitter: 0, attempts: 2 }, ...options })
  const errors: unknown[] = []
  acmes.receiver.instrument({
    async handler(_, handle) {
      await Promise.resolve(handle()).catch((error) => errors.push(error))
    },
  })
  acmes.receiver.onEvent('order.paid', async () => {
    throw thrown()
  })
  await acmes.send({ data })
  await acmes.receiver.idle()
  return { ...acmes, errors }
}

describe('what is not to be seen of an event', () => {
  test('stands in nothing that is kept, logged, observed or handed to instruments of a failure', async () => {
    const told: unknown[] = []
    const onError = ({ error }: { error?: unknown }) => void told.push(error)
    subscribe('tracing:hookport:handler:error', onError as never)
    subscribe('tracing:hookport:handler:asyncEnd', onError as never)
    onTestFinished(() => {
      unsubscribe('tracing:hookport:handler:error', onError as never)
      unsubscribe('tracing:hookport:handler:asyncEnd', onError as never)
    })
    class NoSuchCustomer extends Error {
      override readonly name = 'NoSuchCustomer'
      readonly code = `unknown ${data.customer.phone}`
      readonly detail = email
    }
    const failed = await failedWith(
      () =>
        new NoSuchCustomer(`no ${email.toUpperCase()}, ${encodeURIComponent(data.customer.name)}`, {
          cause: email,
        }),
    )
    await failed.clock.advance(1_000)
    await failed.receiver.idle()
    expect(failed.observed.dead).toHaveLength(1)
    expect(failed.observed.failed).toMatchObject([
      {
        failures: [
          {
            code: 'unknown [redacted]',
            message: 'no [redacted], [redacted]',
            stack: expect.stringContaining('redacted.test'),
          },
        ],
      },
    ])
    expect(failed.errors).toMatchObject([{ name: 'NoSuchCustomer' }, { name: 'NoSuchCustomer' }])
    expect(told.length).toBeGreaterThan(0)
    const seen = [...failed.errors, ...told].map((error) =>
      JSON.stringify([error, String(error), (error as Error).stack, (error as Error).cause]),
    )
    expect([await everythingOf(failed), ...seen].join('\n')).not.toMatch(/bob|m%C3%BCller|49170/i)
  })

  test.each<[string, () => unknown, string]>([
    ['a text', () => `no ${email}`, 'no [redacted]'],
    ['an object without a message', () => ({ toString: () => email }), '[redacted]'],
    [
      'what can not be read',
      () =>
        Object.create(null, {
          message: {
            get: () => {
              throw email
            },
          },
        }),
      '[redacted]',
    ],
    ['undefined', () => undefined, '[redacted]'],
  ])('stands not in %s that is thrown', async (_, thrown, message) => {
    const { observed } = await failedWith(thrown)
    expect(observed.failed).toMatchObject([{ failures: [{ message }] }])
  })

  test('stands not in what is thrown at once', async () => {
    const acmes = acmeReceiver({ redact })
    acmes.receiver.onEvent('order.paid', () => {
      throw new Error(email)
    })
    await acmes.send({ data })
    await acmes.receiver.idle()
    expect(acmes.observed.failed).toMatchObject([{ failures: [{ message: '[redacted]' }] }])
  })

  test("stands not in the code that an application gave to one of hookport's errors", async () => {
    const code = `unknown ${email}`
    const failed = await failedWith(() => Object.assign(new PermanentError('gone'), { code }))
    expect(failed.observed.failed).toMatchObject([{ failures: [{ code: 'unknown [redacted]' }] }])
    expect(await everythingOf(failed)).not.toContain(email)
  })

  test('changes nothing of what an error asks for', async () => {
    const dead = await failedWith(() => new PermanentError(`gone: ${email}`))
    expect(dead.observed.dead).toMatchObject([
      { failures: [{ code: 'permanent_failure', message: 'gone: [redacted]' }] },
    ])
    const later = await failedWith(() => new RetryLater(30_000, email))
    expect(later.observed.failed).toMatchObject([{ failures: [], retryInMs: 30_000 }])
    expect(await everythingOf(later)).not.toContain(email)
  })

  test('changes nothing of that where the body is not JSON, and nothing is shown of the text', async () => {
    const withNaN = JSON.stringify(paidOrder(start, { data })).replace('"amount":5', '"amount":NaN')
    const failed = async (error: Error) => {
      const acmes = acmeReceiver({ redact, retry: { jitter: 0, attempts: 2 } })
      acmes.receiver.onEvent('order.paid', () => Promise.reject(error))
      await acmes.receiver.receive(signedPost(withNaN))
      await acmes.receiver.idle()
      return acmes.observed
    }
    const code = 'permanent_failure'
    expect((await failed(new PermanentError(email))).dead).toMatchObject([
      { failures: [{ code, message: '[redacted]' }] },
    ])
    const later = await failed(new RetryLater(30_000, email))
    expect(later.failed).toMatchObject([{ failures: [], retryInMs: 30_000 }])
  })

  test('stands not in the reasons for which data does not fit its schema', async () => {
    const strict = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => ({ issues: [{ message: `got ${email}` }] }),
      },
    }
    const { receiver, observed } = acmeReceiver({
      redact,
      provider: acme({ secret: 's', events: { 'order.paid': strict } as never }) as never,
    })
    receiver.onEvent('order.paid', () => {})
    await receiver.receive(
      signedPost(JSON.stringify({ id: 'evt_1', type: 'order.paid', at: start, data }), 's'),
    )
    await receiver.idle()
    expect(observed.dead).toMatchObject([
      {
        failures: [
          { code: 'invalid_data', message: 'data of order.paid does not fit its schema: got [redacted]' },
        ],
      },
    ])
  })

  test('stands not in the reason for which an event can not be read, when it comes and when it is redriven', async () => {
    const readEnvelope = () => {
      throw new Error(`strange: ${email}`)
    }
    const acmes = acmeReceiver({ redact, provider: acme({ secret: 's', readEnvelope }) })
    acmes.receiver.onAnyEvent(() => {})
    await acmes.receiver.receive(signedPost(JSON.stringify({ data }), 's'))
    const [{ key = '' } = {}] = acmes.observed.dead
    expect(acmes.observed.dead).toMatchObject([
      { failures: [{ message: expect.stringContaining('strange: [redacted]') }] },
    ])
    await acmes.receiver.redrive(key)
    await acmes.receiver.idle()
    expect(acmes.observed.dead).toMatchObject([{}, { failures: [{ message: 'strange: [redacted]' }] }])
    expect(await everythingOf(acmes)).not.toContain(email)
  })

  test('stands not in the reason for which what was found by asking can not be read, nor in that of a dry run', async () => {
    const readEnvelope = () => {
      throw new Error(`strange: ${email}`)
    }
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const acmes = acmeReceiver({
      redact: ['order'],
      clock,
      provider: acmeOrders({ secret: acmeSecret, readEnvelope }),
      reconcile: orders.source(),
    })
    orders.paid(email)
    for (const dryRun of [true, false])
      expect(await acmes.receiver.reconcile({ dryRun })).toMatchObject({ left: 1 })
    const told = acmes.log.at('error').map(({ details }) => (details as { err: Error }).err)
    expect(told).toMatchObject([
      { message: expect.stringContaining('strange: [redacted]') },
      { message: expect.stringContaining('strange: [redacted]') },
    ])
    for (const { stack, cause } of told) expect([stack, cause].join()).not.toContain('bob')
  })

  test('is not known of what is no JSON: nothing is told of its failure but the code', async () => {
    const { receiver, observed } = acmeReceiver({ redact })
    await receiver.receive(signedPost(`{"email":"${email}`))
    expect(observed.dead).toMatchObject([{ failures: [{ code: 'unreadable', message: '[redacted]' }] }])
  })

  test('is nothing where no path is given: an error stays the one that was thrown', async () => {
    const error = new Error(email)
    const { errors, observed } = await failedWith(() => error, { redact: undefined })
    expect(errors).toEqual([error])
    expect(errors[0]).toBe(error)
    expect(observed.failed).toMatchObject([{ failures: [{ message: email }] }])
  })
})

test('a receiver says what of its events is not to be seen', () => {
  expect(acmeReceiver({ redact: ['data.a', 'data.a', 'data.b'] }).receiver.redact).toEqual([
    'data.a',
    'data.b',
  ])
  expect(acmeReceiver().receiver.redact).toEqual([])
})

test.each([[['data..a']], [['']], ['data.a'], [[7]]])(
  'redact: %j is refused, with what it must be',
  (wrong) => {
    expect(() => createReceiver({ provider: acme(), inbox: memoryInbox(), redact: wrong as never })).toThrow(
      /redact (has|is) .*customer/,
    )
  },
)
