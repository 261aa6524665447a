import { nodeWebhooks } from '@hookport/core/node'
import { expect, test, vi } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const missing = vi.hoisted(() => (name: string) => () => {
  throw new Error(`[unenv] ${name} is not implemented yet!`)
})
vi.mock('node:util/types', async (original) => {
  const names = Object.keys(await original<object>())
  return Object.fromEntries(names.map((name) => [name, missing(name)]))
})

test.each<[string, (text: string) => unknown]>([
  ['bytes', (text) => Buffer.from(text)],
  ['an ArrayBuffer', (text) => new TextEncoder().encode(text).buffer],
  ['a text', (text) => text],
])(
  'on a platform that imitates Node only in part, as Nitro does on Workers, a delivery is received that it hands over as %s',
  async (_, body) => {
    const { receiver } = acmeReceiver()
    const text = JSON.stringify(paidOrder(start))
    const request: unknown = {
      method: 'POST',
      headers: { 'x-acme-signature': sign(text) },
      body: body(text),
      readableEnded: true,
    }
    const end = vi.fn()
    const response: unknown = { setHeader: () => {}, end }
    await nodeWebhooks(receiver)(...([request, response] as Parameters<ReturnType<typeof nodeWebhooks>>))
    expect(response).toMatchObject({ statusCode: 200 })
    expect(end).toHaveBeenCalledWith('{"received":true}')
  },
)
