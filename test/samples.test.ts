import type { EventMap } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { jaotWebhooks, sematryxWebhooks } from '@hookport/express'
import type { SignedDelivery } from '@hookport/sender'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import { type Sample, samples } from '@hookport/testkit/receivers/samples'
import { testTime } from '@hookport/testkit/receivers/signed-deliveries'
import express from 'express'
import { expect, test } from 'vitest'

/** An Express server that receives what the sample's provider sends, and keeps what came of it. */
async function receiverOf({ provider }: Sample, secret: string) {
  const takenOn: string[] = []
  const webhooks = { jaot: jaotWebhooks, sematryx: sematryxWebhooks }[provider]({
    secret,
    clock: manualClock(testTime),
    observers: {
      accepted: ({ id }) => takenOn.push(id),
      duplicate: ({ id }) => takenOn.push(id),
    },
  })
  const handled = keepHandled<EventMap>(webhooks)
  const url = await serveApp(express().use('/webhooks', webhooks))
  return {
    takenOn,
    handled,
    async post(delivery: SignedDelivery) {
      const { status, body } = await postDelivery(`${url}/webhooks`, delivery)
      await webhooks.idle()
      return { status, body }
    },
  }
}

test('there is a sample of every form', () => {
  expect(samples).toHaveLength(24)
})

test.each(samples)('$file is accepted under its id and type, its bytes kept', async (sample) => {
  const receiver = await receiverOf(sample, sample.secret)
  expect(await receiver.post(sample.delivery)).toEqual({ status: 200, body: '{"received":true}' })
  expect(receiver.takenOn).toEqual([sample.expected.id])
  expect(receiver.handled).toMatchObject([sample.expected])
  const rawBodies = receiver.handled.map(({ rawBody }) => Buffer.from(rawBody).toString('hex'))
  expect(rawBodies).toEqual([sample.delivery.body.toString('hex')])
})

function changeByte({ delivery }: Sample, index: number): SignedDelivery {
  const body = Buffer.from(delivery.body)
  body.writeUInt8(body.readUInt8(index) ^ 1, index)
  return { ...delivery, body }
}

function changeSignature({ delivery, signatureHeader }: Sample, change: (signature: string) => string) {
  const signature = change(String(delivery.headers[signatureHeader]))
  return { ...delivery, headers: { ...delivery.headers, [signatureHeader]: signature } }
}

function withoutSignature({ delivery, signatureHeader }: Sample): SignedDelivery {
  const { [signatureHeader]: _, ...headers } = delivery.headers
  return { ...delivery, headers }
}

const otherDigit = (digit: string) => (digit === '0' ? '1' : '0')

const forgeries: [string, (sample: Sample) => SignedDelivery][] = [
  ['its first byte changed', (sample) => changeByte(sample, 0)],
  ['a byte in its middle changed', (sample) => changeByte(sample, sample.delivery.body.length >> 1)],
  ['its last byte changed', (sample) => changeByte(sample, sample.delivery.body.length - 1)],
  [
    'the first digit of its signature changed',
    (sample) =>
      changeSignature(sample, (signature) =>
        signature.replace(/^(sha256=)?(.)/, (_, prefix = '', digit) => prefix + otherDigit(digit)),
      ),
  ],
  [
    'the last digit of its signature changed',
    (sample) => changeSignature(sample, (signature) => signature.replace(/.$/, otherDigit)),
  ],
]

const refusedSignature = { status: 401, body: '{"error":"invalid_signature"}' }

for (const [change, forge] of forgeries) {
  test.each(samples)(`$file with ${change} is 401 and goes no further`, async (sample) => {
    const receiver = await receiverOf(sample, sample.secret)
    expect(await receiver.post(forge(sample))).toEqual(refusedSignature)
    expect(receiver.takenOn).toEqual([])
    expect(receiver.handled).toEqual([])
  })
}

test.each(samples)('$file is 401 under another secret, and goes no further', async (sample) => {
  const receiver = await receiverOf(sample, `${sample.secret}2`)
  expect(await receiver.post(sample.delivery)).toEqual(refusedSignature)
  expect(receiver.takenOn).toEqual([])
  expect(receiver.handled).toEqual([])
})

test.each(samples)('$file without a signature is 401, and goes no further', async (sample) => {
  const receiver = await receiverOf(sample, sample.secret)
  const reply = await receiver.post(withoutSignature(sample))
  expect(reply).toEqual({ status: 401, body: '{"error":"missing_signature"}' })
  expect(receiver.takenOn).toEqual([])
  expect(receiver.handled).toEqual([])
})
