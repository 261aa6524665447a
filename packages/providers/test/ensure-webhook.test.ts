import { memoryInbox } from '@hookport/core'
import * as jaot from '@hookport/providers/jaot-api'
import * as sematryx from '@hookport/providers/sematryx-api'
import { startEmulator } from '@hookport/sender'
import { expect, onTestFinished, test } from 'vitest'

async function emulator() {
  const { url, close } = await startEmulator({ apiKeys: ['key'] })
  onTestFinished(close)
  const api = { apiKey: 'key', baseUrl: url }
  return {
    api,
    async registrations(): Promise<{ url: string; signed: boolean; enabled?: boolean }[]> {
      const answer = await fetch(`${url}/emulator/registrations`)
      return ((await answer.json()) as { registrations: never[] }).registrations
    },
  }
}

test('a trigger of JAOT reports here, and is let run, done once or twice', async () => {
  const { api, registrations } = await emulator()
  const model = { documentId: 'doc_1', versionId: 'ver_1' }
  const { id } = await jaot.createTrigger({
    ...api,
    ...model,
    name: 'Nightly',
    webhookUrl: 'http://127.0.0.1:9/old',
  })
  await jaot.toggleTrigger({ ...api, id, enabled: false })
  const webhook = { ...api, id, url: 'http://127.0.0.1:9/new', secret: 'whsec_1' }
  expect(await jaot.ensureWebhook(webhook)).toMatchObject({ changed: ['url', 'enabled'] })
  expect(await registrations()).toMatchObject([
    { url: 'http://127.0.0.1:9/new', signed: true, enabled: true },
  ])
  expect(await jaot.ensureWebhook(webhook)).toMatchObject({ changed: [] })
})

test('a webhook of Sematryx is registered once, though several processes start at the same moment', async () => {
  const { api, registrations } = await emulator()
  const webhook = {
    ...{ ...api, inbox: memoryInbox(), url: 'https://example.com/hook' },
    events: ['optimization.completed'],
  }
  const all = await Promise.all([1, 2, 3].map(() => sematryx.ensureWebhook(webhook)))
  expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  expect(all.filter(({ isNew }) => isNew)).toHaveLength(1)
  expect(await registrations()).toHaveLength(1)
})

test('a webhook of Sematryx is not registered for what is no URL', async () => {
  const { api, registrations } = await emulator()
  const url = process.env.URL_THAT_IS_NOT_SET as string
  const webhook = { ...api, inbox: memoryInbox(), url, events: ['optimization.completed'] }
  await expect(sematryx.ensureWebhook(webhook)).rejects.toThrow(
    /url is "undefined"; it must be the whole URL/,
  )
  expect(await registrations()).toEqual([])
})

test('a webhook that an emulator knows is none that Sematryx knows, though they share an inbox', async () => {
  const [emulated, real] = [await emulator(), await emulator()]
  const webhook = { inbox: memoryInbox(), url: 'https://example.com/hook', events: ['optimization.failed'] }
  for (const { api } of [emulated, real, emulated, real]) await sematryx.ensureWebhook({ ...webhook, ...api })
  expect(await emulated.registrations()).toHaveLength(1)
  expect(await real.registrations()).toHaveLength(1)
})

test('a webhook of Sematryx is registered once for an inbox, and anew for other events', async () => {
  const { api, registrations } = await emulator()
  const inbox = memoryInbox()
  const events = ['optimization.completed', 'optimization.failed']
  const webhook = { ...api, inbox, url: 'https://example.com/hook', events, secret: 'whsec_1' }
  const first = await sematryx.ensureWebhook(webhook)
  expect(first).toMatchObject({ isNew: true, events })
  expect(await sematryx.ensureWebhook({ ...webhook, events: [...events, ...events].reverse() })).toEqual({
    ...first,
    isNew: false,
  })
  expect(await registrations()).toHaveLength(1)
  expect(await sematryx.ensureWebhook({ ...webhook, events: ['optimization.failed'] })).toMatchObject({
    isNew: true,
  })
  expect(await registrations()).toHaveLength(2)
  expect(await sematryx.ensureWebhook({ ...webhook, url: 'https://example.com/other' })).toMatchObject({
    isNew: true,
  })
})
