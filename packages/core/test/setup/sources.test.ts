import { ConfigurationError, type Inbox, memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

let inbox: Inbox

/** Another object over the same store. */
function sameStore(): Inbox {
  return inboxInFront(inbox, { close: async () => {} })
}

beforeEach(() => {
  inbox = memoryInbox()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  vi.resetModules()
  await inbox.close()
})

describe('in production', () => {
  beforeEach(() => {
    vi.stubEnv('NODE_ENV', 'production')
  })

  test('a second receiver of a name on one store is an error that says so', () => {
    acmeReceiver({ inbox })
    expect(() => acmeReceiver({ inbox: sameStore() })).toThrow(ConfigurationError)
    expect(() => acmeReceiver({ inbox: sameStore() })).toThrow(/a receiver named acme/)
  })

  test('another name, or another store, is none', () => {
    acmeReceiver({ inbox })
    expect(acmeReceiver({ inbox: sameStore(), name: 'acme-2' }).receiver.source).toBe('acme-2')
    expect(acmeReceiver({ inbox: memoryInbox() }).receiver.source).toBe('acme')
  })

  test('a receiver that was stopped has given its name back', async () => {
    const { receiver } = acmeReceiver({ inbox: sameStore() })
    await receiver.stop()
    expect(acmeReceiver({ inbox: sameStore() }).receiver.source).toBe('acme')
  })

  test('one that could not be stopped in good order has given it back, too', async () => {
    const close = () => Promise.reject(new Error('the store is gone'))
    const { receiver } = acmeReceiver({ inbox: inboxInFront(inbox, { close }) })
    await expect(receiver.stop()).rejects.toThrow('the store is gone')
    expect(acmeReceiver({ inbox: sameStore() }).receiver.source).toBe('acme')
  })

  test('a receiver that was refused takes the name from nobody', async () => {
    const { receiver } = acmeReceiver({ inbox: sameStore() })
    expect(() => acmeReceiver({ inbox: sameStore() })).toThrow(ConfigurationError)
    await receiver.stop()
    acmeReceiver({ inbox: sameStore() })
  })

  test('a receiver that was refused is no user of the inbox: that is closed as the other is stopped', async () => {
    const close = vi.fn(async () => {})
    const shared = inboxInFront(inbox, { close })
    const { receiver } = acmeReceiver({ inbox: shared })
    expect(() => acmeReceiver({ inbox: shared })).toThrow(ConfigurationError)
    await receiver.stop()
    expect(close).toHaveBeenCalledOnce()
  })

  test('two copies of the package see each other', async () => {
    acmeReceiver({ inbox })
    vi.resetModules()
    const copy = await import('../support/acme-receiver.ts')
    expect(copy.acmeReceiver).not.toBe(acmeReceiver)
    expect(() => copy.acmeReceiver({ inbox: sameStore() })).toThrow(/a receiver named acme/)
  })
})

describe('elsewhere', () => {
  test('the newer one takes over, and a line says so: each event is handled once, by the newest code', async () => {
    const handled: string[] = []
    for (let save = 1; save <= 50; save++) {
      const { receiver, send, log } = acmeReceiver({ inbox: sameStore() })
      receiver.onEvent('order.paid', () => handled.push(`${save}`))
      receiver.start()
      await send({ id: `evt_${save}` })
      await receiver.idle()
      expect(log.at('warn').filter(({ message }) => message.includes('takes over'))).toHaveLength(
        save > 1 ? 1 : 0,
      )
    }
    expect(handled).toEqual(Array.from({ length: 50 }, (_, save) => `${save + 1}`))
  })

  test('a handler of the older one that still runs is finished, and no other event follows it there', async () => {
    const handled: string[] = []
    const running = deferred()
    const older = acmeReceiver({ inbox: sameStore() })
    older.receiver.onEvent('order.paid', ({ id }) => {
      handled.push(`older ${id}`)
      return running.promise
    })
    await older.send({ id: 'one' })
    await vi.waitFor(() => expect(handled).toHaveLength(1), 10_000)
    const newer = acmeReceiver({ inbox: sameStore() })
    newer.receiver.onEvent('order.paid', ({ id }) => void handled.push(`newer ${id}`)).start()
    await newer.receiver.idle()
    await new Promise((resolve) => setImmediate(resolve)) // both consumers have looked
    await newer.send({ id: 'two' })
    await vi.waitFor(() => expect(handled).toHaveLength(2), 10_000)
    running.resolve()
    await older.receiver.stop()
    await newer.send({ id: 'three' })
    await newer.receiver.idle()
    expect(handled).toEqual(['older one', 'newer two', 'newer three'])
  })

  test('what the older one is sent is handled by the newer one', async () => {
    const older = acmeReceiver({ inbox: sameStore() })
    const handled = vi.fn()
    older.receiver.onEvent('order.paid', () => handled('older')).start()
    const newer = acmeReceiver({ inbox: sameStore() })
    newer.receiver.onEvent('order.paid', () => handled('newer')).start()
    await older.send()
    await newer.receiver.idle()
    expect(handled.mock.calls).toEqual([['newer']])
    await older.receiver.stop()
    await newer.send({ id: 'evt_2' })
    await newer.receiver.idle()
    expect(handled, 'the stop of the older one takes nothing from the newer').toHaveBeenCalledTimes(2)
  })

  test('an inbox of its own stays open for what the older one is sent, and the line says how to have only one', () => {
    acmeReceiver({ inbox: sameStore() })
    const { log } = acmeReceiver({ inbox: sameStore() })
    expect(log.at('warn')).toMatchObject([{ details: { fix: expect.stringContaining('globalThis') } }])
  })

  test('one inbox for all of them has nothing to be said of', () => {
    const shared = sameStore()
    acmeReceiver({ inbox: shared })
    const { log } = acmeReceiver({ inbox: shared })
    expect(log.at('warn')).toMatchObject([{ details: { source: 'acme' } }])
    expect(log.at('warn')[0]?.details).not.toHaveProperty('fix')
  })
})
