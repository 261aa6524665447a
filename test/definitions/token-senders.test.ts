import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReceiver, defineProvider, requireId } from '@hookport/core'
import { expressWebhooks } from '@hookport/express'
import express, { type RequestHandler } from 'express'
import { expect, onTestFinished, test, vi } from 'vitest'
import { page } from './support/worked-definition.ts'

vi.stubEnv('TELEGRAM_SECRET_TOKEN', 'a token that Telegram was given')

// as the guide has it
const digestOf = (text: string) => createHash('sha256').update(text).digest()
const expected = digestOf(process.env.TELEGRAM_SECRET_TOKEN ?? randomUUID())

const checkToken: RequestHandler = (request, response, next) => {
  const given = digestOf(request.get('x-telegram-bot-api-secret-token') ?? '')
  if (timingSafeEqual(given, expected)) next()
  else response.sendStatus(401)
}
// until here

const telegram = defineProvider({
  name: 'telegram',
  allowUnsigned: true,
  retryHorizon: 24 * 3600_000,
  events: {},
  signatureHeaders: [],
  readSignature: () => 'missing',
  readEnvelope: (payload) => ({
    id: requireId(payload, 'update_id'),
    type: Object.keys(payload).find((name) => name !== 'update_id') ?? 'update',
    createdAt: undefined,
  }),
  readData: (payload) => payload,
})

async function post(token: string) {
  const receiver = createReceiver({ provider: telegram, logger: false })
  const types: string[] = []
  receiver.onAnyEvent(({ type }) => void types.push(type))
  receiver.start()
  const app = express().use('/webhooks/telegram', checkToken, expressWebhooks(receiver))
  const server = createServer(app).listen(0)
  onTestFinished(async () => {
    server.close()
    await receiver.stop()
  })
  const { port } = server.address() as AddressInfo
  const { status } = await fetch(`http://127.0.0.1:${port}/webhooks/telegram`, {
    method: 'POST',
    headers: { 'x-telegram-bot-api-secret-token': token },
    body: '{"update_id":10000,"message":{"text":"🦖"}}',
  })
  await receiver.idle()
  return { status, types }
}

test('the guide has this check', () => {
  const [, checked] = readFileSync(import.meta.filename, 'utf8').split(
    /\/\/ as the guide has it\n|\/\/ until here/,
  )
  expect(page).toContain(checked)
})

test('a delivery with the token in front is taken on', async () => {
  expect(await post('a token that Telegram was given')).toEqual({ status: 200, types: ['message'] })
})

test.each(['', 'another', 'a token that Telegram was given '.repeat(2)])(
  'a delivery with the token %j never reaches the receiver',
  async (token) => {
    expect(await post(token)).toEqual({ status: 401, types: [] })
  },
)
