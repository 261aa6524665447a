import { readdirSync, readFileSync } from 'node:fs'
import { memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { jaotWebhooks, sematryxWebhooks } from '@hookport/express'
import express from 'express'
import request from 'supertest'
import { expect, test } from 'vitest'

const samples = readdirSync(new URL('./samples', import.meta.url)).map((file) => ({
  file,
  ...JSON.parse(readFileSync(new URL(`./samples/${file}`, import.meta.url), 'utf8')),
}))

test.each(samples)('$file is accepted', async ({ provider, secret, headers, body, expect: expected }) => {
  const clock = manualClock(Date.parse('2026-11-20T12:00:00Z'))
  const make = provider === 'jaot' ? jaotWebhooks : sematryxWebhooks
  const webhooks = make({ secret, clock, inbox: memoryInbox({ clock }) })
  const seen: unknown[] = []
  webhooks.onAnyEvent(({ id, type }) => { seen.push({ id, type }) })
  const app = express().use('/webhooks', webhooks)
  const response = await request(app).post('/webhooks').set(headers).send(body)
  expect(response.status).toBe(200)
  await webhooks.stop()
  expect(seen).toEqual([{ id: expected.id, type: expected.type }])
})
