import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { nodeWebhooks } from '@hookport/core/node'
import { expect, test } from 'vitest'
import { readRawBody } from '../../src/node/request/read-raw-body.ts'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const body = Buffer.from(JSON.stringify(paidOrder(start)))

/** Hands over a request that an application made itself, of these pieces. */
async function handOver(pieces: Iterable<unknown>) {
  const { receiver, log } = acmeReceiver()
  const head = { method: 'POST', url: '/', headers: { 'x-acme-signature': sign(body) } }
  const request: unknown = Object.assign(Readable.from(pieces), head)
  const response: unknown = { setHeader: () => {}, end: () => {} }
  await nodeWebhooks(receiver)(request as IncomingMessage, response as ServerResponse)
  return { response, log }
}

test.each<[string, Iterable<unknown>]>([
  ['number', new Uint8Array(body)], // as Readable.from reads an array of bytes
  ['object', [{ body }, { body }]],
])(
  'a request that is a stream of a %s at a time is misconfigured, and no other delivery is refused for it',
  async (kind, pieces) => {
    const { response, log } = await handOver(pieces)
    expect(response).toMatchObject({ statusCode: 500 })
    expect(log.at('error')).toMatchObject([{ message: expect.stringContaining(`a stream of ${kind}`) }])
    const other = await handOver([body.subarray(0, 9), body.subarray(9)])
    expect(other.response).toMatchObject({ statusCode: 200 })
  },
)

test('a request whose pieces are bytes of another kind than Buffer is read', async () => {
  const [first, second] = [new Uint8Array(body.subarray(0, 9)), new Uint8Array(body.subarray(9))]
  const { response } = await handOver([first.buffer, new DataView(second.buffer)])
  expect(response).toMatchObject({ statusCode: 200 })
})

test('a piece that is null, as something else has announced it, ends no process', async () => {
  const request = Object.assign(new Readable({ read() {} }), { headers: {} })
  const reading = readRawBody(request as unknown as IncomingMessage, 100)
  request.emit('data', null)
  await expect(reading).rejects.toMatchObject({ code: 'misconfigured' })
})

test('a reader that pauses the request each time it goes on leaves the event loop its turns', async () => {
  let resumed = 0
  function resume() {
    resumed += 1
    if (resumed < 100) request.emit('pause')
  }
  const request = Object.assign(new EventEmitter(), { headers: {}, resume })
  void readRawBody(request as unknown as IncomingMessage, 100)
  await setImmediate()
  expect(resumed).toBeLessThan(5)
})
