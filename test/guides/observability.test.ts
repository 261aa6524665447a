import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from '@hookport/testkit/servers/free-port'
import { expect, onTestFinished, test } from 'vitest'
import { printed, snippetWith } from './snippets.ts'

const guide = 'observability.md'

/** What a snippet stands in: an application with a receiver, and what is delivered to it. */
const application = `
import express from 'express'
import { sematryxWebhooks as makeWebhooks } from '@hookport/express'
import { deliver, failed, handled } from '@hookport/testing'
const app = express()
const webhooks = makeWebhooks({ secret: 'any', logger: false, retry: { attempts: 1 } })
webhooks.onEvent('optimization.completed', () => {})
webhooks.onEvent('optimization.failed', () => { throw new Error('the ERP is away') })
`

test('Prometheus reads what the recipe exports, under the names of its rules', async () => {
  const port = await freePort()
  const recipe = snippetWith(guide, 'PrometheusExporter').replace('9464', String(port))
  const page = await printed(`${application}${recipe}
const metrics = async () => (await fetch('http://127.0.0.1:${port}/metrics')).text()
await handled(await deliver(webhooks, { type: 'optimization.completed' }))
console.log(await metrics(), 'then')
await failed(await deliver(webhooks, { type: 'optimization.failed' }))
await deliver(webhooks, { type: 'optimization.failed', signature: 'wrong' })
console.log(await metrics())
process.exit()`)
  const [before = '', after = ''] = page.split('then\n')
  const value = (name: string, ...attributes: string[]) => valueIn(after, name, ...attributes)
  const valueIn = (text: string, name: string, ...attributes: string[]) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}{`) && attributes.every((one) => line.includes(one)))
  const rules = readFileSync(join(import.meta.dirname, '../../docs/guides', guide), 'utf8')
  const inRules = [...rules.matchAll(/expr: .*?(hookport_\w+)/g)].map(([, name]) => name ?? '')
  expect(inRules).toHaveLength(3)
  for (const name of inRules) expect(value(name), name).toBeDefined()
  const [, grown = '', label = ''] = /(?:delta|increase)\((hookport_\w+)(?:\{(.*?)\})?\[/.exec(rules) ?? []
  expect(valueIn(before, grown, label), 'what grows is there before it does').toMatch(/ 0$/)
  expect(value(grown, label)).toMatch(/ 1$/)
  expect(value('hookport_events_dead_total')).toMatch(/ 1$/)
  expect(value('hookport_inbox_oldest_pending_age')).toMatch(/ 0$/)
  expect(value('hookport_deliveries_rejected_total', 'error_type="invalid_signature"')).toMatch(/ 1$/)
  expect(value('messaging_process_duration_count')).toMatch(/ 1$/)
  expect(value('hookport_inbox_events', 'hookport_event_state="dead"')).toMatch(/ 1$/)
})

test('instrument(webhooks) is all that an application with an SDK needs', async () => {
  const names = await printed(`
import { trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
${application}${snippetWith(guide, 'instrument(webhooks)\n')}
await handled(await deliver(webhooks, { type: 'optimization.completed' }))
console.log(exporter.getFinishedSpans().map(({ name }) => name).join())
await webhooks.stop()`)
  expect(names).toBe('receive sematryx,process sematryx\n')
})

test('the route of readiness answers 200 while deliveries are taken on, and 503 from when they are not', async () => {
  const replies = await printed(`${application}${snippetWith(guide, "'/ready'")}
const server = app.listen(0)
await new Promise((resolve) => server.on('listening', resolve))
const ask = async () => {
  const response = await fetch(\`http://127.0.0.1:\${server.address().port}/ready\`)
  console.log(response.status, (await response.json()).status)
}
await ask()
await webhooks.health() // from here on dead letters are news
await failed(await deliver(webhooks, { type: 'optimization.failed' }))
await ask()
await webhooks.stop()
await ask()
process.exit()`)
  expect(replies).toBe('200 ok\n200 degraded\n503 down\n')
})

test('the recipe of alerts, in no more than twelve lines, tells of a dead letter and of a receiver that is not well', async () => {
  const told: unknown[] = []
  const server = createServer(async (request, response) => {
    if (request.headers['content-type'] === 'application/json') told.push(JSON.parse(await text(request)))
    response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const recipe = snippetWith(guide, 'ALERT_URL')
  expect(recipe.trim().split('\n').length).toBeLessThanOrEqual(12)
  await printed(
    `${recipe.replace('60_000', '50')}
import { deliver, failed } from '@hookport/testing'
webhooks.onEvent('optimization.failed', () => { throw new Error('the ERP is away') })
await webhooks.health()
await failed(await deliver(webhooks, { type: 'optimization.failed' }), { within: 1 }).catch(() => {})
const { PermanentError } = await import('@hookport/core')
webhooks.onEvent('optimization.completed', () => { throw new PermanentError('no such plan') })
await failed(await deliver(webhooks, { type: 'optimization.completed', id: 'evt_1' }))
await new Promise((resolve) => setTimeout(resolve, 1_000))
process.exit()`,
    {
      env: {
        ALERT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        SEMATRYX_WEBHOOK_SECRET: 'any',
      },
    },
  )
  expect(told).toContainEqual({ text: 'dead letter sematryx:evt_1: no such plan' })
  expect(told).toContainEqual({
    text: expect.stringMatching(/^webhooks are degraded: 1 more dead letters than/),
  })
})

test('the recipe of alerts goes on where no alert can be sent', async () => {
  const recipe = snippetWith(guide, 'ALERT_URL').replace('60_000', '50')
  const lines = await printed(
    `${recipe}
setTimeout(() => { console.log('goes on'); process.exit() }, 1_000)`,
    { env: { ALERT_URL: `http://127.0.0.1:${await freePort()}`, SEMATRYX_WEBHOOK_SECRET: 'any' } },
  )
  expect(lines).toContain('goes on')
})

test('the channels of the guide are published to', async () => {
  const lines = await printed(`${snippetWith(guide, "'hookport:dead'")}${application}
await failed(await deliver(webhooks, { type: 'optimization.failed', id: 'evt_1' }))
await new Promise((resolve) => setTimeout(resolve, 10))
await webhooks.stop()`)
  expect(lines).toMatch(/^failed \{/m)
  expect(lines).toMatch(/^dead \{/m)
})
