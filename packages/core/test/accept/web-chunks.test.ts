import { runInNewContext } from 'node:vm'
import { webWebhooks } from '@hookport/core/web'
import { expect, test } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const text = JSON.stringify(paidOrder(start, { note: 'größer als 🦖' }))
const bytes = new TextEncoder().encode(text)

/** A request whose body is a stream that the application has put in its place. */
async function deliver(...chunks: unknown[]) {
  const { receiver, log } = acmeReceiver()
  const body = new ReadableStream({
    start(sent) {
      for (const chunk of chunks) sent.enqueue(chunk)
      sent.close()
    },
  })
  const init: RequestInit = { method: 'POST', body, duplex: 'half' }
  const headers = { 'x-acme-signature': sign(Buffer.from(bytes)) }
  const response = await webWebhooks(receiver)(new Request('http://localhost/', { ...init, headers }))
  return { reply: await response.json(), log: log.lines }
}

const wholes: Record<string, unknown[]> = {
  bytes: [bytes.subarray(0, 9), bytes.subarray(9)],
  text: [text.slice(0, 9), text.slice(9)],
  'text and bytes': [text.slice(0, 9), bytes.subarray(9)],
  'an ArrayBuffer': [bytes.slice().buffer],
  "bytes of a test's sandbox": [runInNewContext('new Uint8Array(bytes)', { bytes: [...bytes] })],
  "an ArrayBuffer of a test's sandbox": [
    runInNewContext('new Uint8Array(bytes).buffer', { bytes: [...bytes] }),
  ],
  'a view': [new DataView(bytes.slice().buffer)],
  'a view of a part of its buffer': [new DataView(Uint8Array.of(0, ...bytes, 0).buffer, 1, bytes.length)],
}

test.each(Object.entries(wholes))('a body that is a stream of %s is taken on', async (_, chunks) => {
  expect(await deliver(...chunks)).toMatchObject({ reply: { received: true } })
})

test.each([[1], [null], [{ text }]])('one that holds %j is misconfigured, with its fix', async (chunk) => {
  expect(await deliver(chunk)).toMatchObject({
    reply: { error: 'misconfigured' },
    log: [{ level: 'error', details: { fix: expect.stringContaining('pass the request on unchanged') } }],
  })
})
