import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Reply } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { readRawStream, webDelivery } from '@hookport/core/web'
import { deferred } from '@hookport/testkit/deferred'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeSecret, head, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { listen, openSocket, readResponse } from '../support/raw-socket.ts'

const mib = 1024 * 1024
const noRoom = {
  status: 503,
  body: '{"error":"unavailable"}',
  headers: { 'retry-after': '5', connection: 'close' },
}

/** A body that comes as the test says. */
function openBody() {
  let controller!: ReadableStreamDefaultController<Uint8Array>
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
  })
  return {
    stream,
    send: (bytes: Uint8Array) => controller.enqueue(bytes),
    end: () => controller.close(),
    fail: (error: Error) => controller.error(error),
  }
}

/** Lets what was sent be read. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

type Acme = ReturnType<typeof acmeReceiver>

/** A delivery over the Web of which nothing has come; its reply is taken down when it is there. */
function deliver({ receiver }: Acme, signed: Uint8Array = Buffer.from('what a stranger sends')) {
  const body = openBody()
  const request = new Request('http://localhost/', {
    method: 'POST',
    headers: { 'x-acme-signature': sign(signed) },
    body: body.stream,
    duplex: 'half',
  } as RequestInit)
  let reply: Reply | undefined
  const replied = receiver.receive(webDelivery(request, { fixWhenConsumed: '' })).then((given) => {
    reply = given
    return given
  })
  return { ...body, replied, reply: () => reply }
}

/** A genuine event, padded to so many bytes. */
function genuine(bytes: number, id = 'evt_1'): Buffer {
  return Buffer.from(JSON.stringify(paidOrder(start, { id })).padEnd(bytes))
}

/** Delivers one at once. */
function deliverWhole(acme: Acme, bytes: number, id?: string): Promise<Reply> {
  const body = genuine(bytes, id)
  const { send, end, replied } = deliver(acme, body)
  send(body)
  end()
  return replied
}

test.each([
  ['is picked', acmeSecret, 200],
  ['is not known', undefined, 401],
  ['can not be obtained', new Error('the vault is sealed'), 503],
])('a body counts while it waits for its secret, and no longer once that %s', async (_, secret, status) => {
  const { bodies } = Reflect.get(globalThis, Symbol.for('hookport.bodies-in-flight.1')) as {
    bodies: ReadonlySet<unknown>
  }
  const others = new Set(bodies) // of tests before this one, in the same process
  const counted = () => [...bodies].filter((body) => !others.has(body)).length
  const picked = deferred<string | undefined>()
  const { receiver } = acmeReceiver({ provider: acme({ secret: () => picked.promise }) })
  const reply = receiver.receive(signedPost(genuine(200)))
  await turn()
  expect(counted()).toBe(1)
  if (secret instanceof Error) picked.reject(secret)
  else picked.resolve(secret)
  expect(await reply).toMatchObject({ status })
  expect(counted()).toBe(0)
})

describe('when maxBytesInFlight is used up', () => {
  test('the body that is longest in arriving is refused, and a newcomer is taken on', async () => {
    const acme = acmeReceiver({ maxBytesInFlight: 3_000 })
    const [oldest, younger] = [deliver(acme), deliver(acme)]
    oldest.send(Buffer.alloc(1_500))
    await turn()
    younger.send(Buffer.alloc(1_500))
    await turn()
    expect(await deliverWhole(acme, 1_000)).toMatchObject({ status: 200 })
    expect(await oldest.replied).toMatchObject(noRoom)
    expect(younger.reply()).toBeUndefined()
    younger.end()
    expect(await younger.replied).toMatchObject({ status: 401 })
    expect(acme.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn', // of strangers, most likely
        details: expect.objectContaining({
          code: 'unavailable',
          fix: expect.stringContaining('maxBytesInFlight'),
        }),
      }),
    )
  })

  test('a body is in arriving from its first byte on: one that holds none is left alone', async () => {
    const acme = acmeReceiver({ maxBytesInFlight: 2_000 })
    const [empty, first, second] = [deliver(acme), deliver(acme), deliver(acme)]
    await turn()
    first.send(Buffer.alloc(1_500))
    await turn()
    second.send(Buffer.alloc(1_000))
    expect(await first.replied).toMatchObject(noRoom)
    expect([empty.reply(), second.reply()]).toEqual([undefined, undefined])
    empty.end()
    second.end()
    await Promise.all([empty.replied, second.replied])
  })

  test('as many are refused as make room, and no more', async () => {
    const acme = acmeReceiver({ maxBytesInFlight: 4_000 })
    const slow = [1_000, 1_000, 1_000, 1_000].map((bytes) => {
      const delivery = deliver(acme)
      delivery.send(Buffer.alloc(bytes))
      return delivery
    })
    await turn()
    expect(await deliverWhole(acme, 1_500)).toMatchObject({ status: 200 })
    await Promise.all(slow.slice(0, 2).map(({ replied }) => replied))
    expect(slow.map(({ reply }) => reply()?.status)).toEqual([503, 503, undefined, undefined])
    for (const delivery of slow.slice(2)) delivery.end()
    await Promise.all(slow.map(({ replied }) => replied))
  })

  test('exactly so many bytes are no reason to refuse anything', async () => {
    const acme = acmeReceiver({ maxBytesInFlight: 3_000 })
    const stranger = deliver(acme)
    stranger.send(Buffer.alloc(2_000))
    await turn()
    expect(await deliverWhole(acme, 1_000)).toMatchObject({ status: 200 })
    stranger.end()
    expect(await stranger.replied).toMatchObject({ status: 401 })
  })

  test('receivers count together, and of two figures the smaller one holds while its receiver reads', async () => {
    const roomy = acmeReceiver({ maxBytesInFlight: 100_000 })
    const tight = acmeReceiver({ maxBytesInFlight: 3_000 })
    const stranger = deliver(roomy)
    stranger.send(Buffer.alloc(5_000))
    await turn()
    expect(stranger.reply()).toBeUndefined()
    expect(await deliverWhole(tight, 1_000)).toMatchObject({ status: 200 })
    expect(await stranger.replied).toMatchObject(noRoom)
  })
})

describe('bytes are given back', () => {
  const endings: Record<string, (acme: Acme) => Promise<unknown>> = {
    'by a body that has come': (acme) => deliverWhole(acme, 2_000, 'evt_2'),
    'by a body that became too large': async (acme) => {
      const delivery = deliver(acme)
      delivery.send(Buffer.alloc(2_000))
      await turn()
      delivery.send(Buffer.alloc(2_000))
      return delivery.replied
    },
    'by a body that was too slow': async (acme) => {
      const delivery = deliver(acme)
      delivery.send(Buffer.alloc(2_000))
      await turn()
      await acme.clock.advance(10_000)
      return delivery.replied
    },
  }

  test.each(Object.entries(endings))('%s', async (_, endOne) => {
    const acme = acmeReceiver({ maxBytesInFlight: 3_000, maxBodyBytes: 3_000 })
    await endOne(acme)
    await turn()
    const stranger = deliver(acme)
    stranger.send(Buffer.alloc(2_000))
    await turn()
    expect(await deliverWhole(acme, 1_000)).toMatchObject({ status: 200 })
    expect(stranger.reply()).toBeUndefined()
    stranger.end()
    await stranger.replied
  })

  test('by a sender that hung up, over the Web', async () => {
    const acme = acmeReceiver({ maxBytesInFlight: 3_000 })
    const [older, gone] = [deliver(acme), deliver(acme)]
    older.send(Buffer.alloc(1_000))
    await turn()
    gone.send(Buffer.alloc(1_500))
    await turn()
    gone.fail(new Error('ECONNRESET'))
    expect(await gone.replied).toMatchObject({ status: 400 })
    expect(await deliverWhole(acme, 1_500)).toMatchObject({ status: 200 })
    older.end()
    expect(await older.replied).toMatchObject({ status: 401 })
  })

  test('by a sender that hung up, over Node', async () => {
    const acme = acmeReceiver({ maxBytesInFlight: 3_000 })
    const older = deliver(acme)
    older.send(Buffer.alloc(1_000))
    await turn()
    const webhooks = nodeWebhooks(acme.receiver)
    let begun: Promise<unknown> | undefined
    const port = await listen((request, response) => {
      void webhooks(request, response)
      begun = once(request, 'data')
    })
    const gone = await openSocket(port)
    gone.write(head(`X-Acme-Signature: ${sign('')}`, 'Content-Length: 2500'))
    gone.write(Buffer.alloc(1_500))
    await vi.waitUntil(() => begun, 10_000)
    await begun
    gone.destroy()
    await vi.waitUntil(() => acme.observed.rejected.length === 1, 10_000)
    expect(await deliverWhole(acme, 1_500)).toMatchObject({ status: 200 })
    await turn()
    expect(older.reply()).toBeUndefined()
    older.end()
    expect(await older.replied).toMatchObject({ status: 401 })
  })
})

test('over Node the oldest is refused too, its reply arrives, and its connection is closed', async () => {
  const acme = acmeReceiver({ maxBytesInFlight: 3_000 })
  const webhooks = nodeWebhooks(acme.receiver)
  let begun: Promise<IncomingMessage> | undefined
  const port = await listen((request, response) => {
    void webhooks(request, response)
    begun = once(request, 'data') as never
  })
  const slow = await openSocket(port)
  slow.write(head(`X-Acme-Signature: ${sign('')}`, 'Content-Length: 100000'))
  slow.write(Buffer.alloc(2_500))
  await vi.waitUntil(() => begun, 10_000)
  await begun
  const body = genuine(1_000)
  const quick = await openSocket(port)
  quick.write(head(`X-Acme-Signature: ${sign(body)}`, `Content-Length: ${body.length}`))
  quick.write(body)
  const dripping = setInterval(() => slow.write('x'), 5)
  const reply = await readResponse(slow)
  clearInterval(dripping)
  expect(reply).toMatchObject({ status: 503 })
  expect(reply.text).toMatch(/^connection: close$/im)
  expect(reply.text).toMatch(/^retry-after: 5$/im)
  expect(await readResponse(quick)).toMatchObject({ status: 200 })
})

test('the default is 64 MiB: 64 slow strangers with a MiB each shut nobody out, the first of them has to go', async () => {
  const acme = acmeReceiver()
  const strangers = []
  for (let number = 0; number < 64; number++) {
    const stranger = deliver(acme)
    stranger.send(Buffer.alloc(mib))
    await turn()
    strangers.push(stranger)
  }
  expect(strangers.filter(({ reply }) => reply())).toEqual([])
  expect(await deliverWhole(acme, 1_000)).toMatchObject({ status: 200 })
  expect(await strangers[0]?.replied).toMatchObject(noRoom)
  expect(strangers.slice(1).filter(({ reply }) => reply())).toEqual([])
  for (const { end } of strangers.slice(1)) end()
  await Promise.all(strangers.map(({ replied }) => replied))
})

test('a reader that is told no figure has the default', async () => {
  const large = openBody()
  const reading = readRawStream(large.stream, 128 * mib)
  const refused = expect(reading).rejects.toMatchObject({ code: 'unavailable', closesConnection: true })
  for (let number = 0; number < 65; number++) large.send(new Uint8Array(mib))
  await refused
})
