import { once } from 'node:events'
import { sematryxWebhooks } from '@hookport/express'
import { registerWebhook } from '@hookport/providers/sematryx-api'
import { type SenderClock, startEmulator } from '@hookport/sender'
import { freePort } from '@hookport/testkit/servers/free-port'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'your-webhook-secret'
const start = Date.UTC(2026, 10, 20, 6)
const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Waits end at once, and move the time on; `whenWaiting` runs before the nth one ends. */
function leapingClock(whenWaiting: (nth: number) => Promise<void>): SenderClock {
  let now = start
  let waits = 0
  return {
    now: () => now,
    async sleep(ms) {
      waits += 1
      await whenWaiting(waits)
      now += ms
    },
  }
}

test('a receiver that is down for the first four attempts of a Sematryx delivery gets the fifth', async () => {
  const port = await freePort()
  const handled: string[] = []
  const webhooks = sematryxWebhooks({ logger: false, secret, maxAge: Number.POSITIVE_INFINITY })
  webhooks.onEvent('optimization.completed', ({ id }) => {
    handled.push(id)
  })
  onTestFinished(() => webhooks.stop())
  const clock = leapingClock(async (nth) => {
    if (nth < 4) return
    const server = express().use(webhooks).listen(port, '127.0.0.1')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    await once(server, 'listening')
  })
  const emulator = await startEmulator({ clock })
  onTestFinished(() => emulator.close())
  await registerWebhook({
    apiKey: 'key',
    baseUrl: emulator.url,
    url: `http://127.0.0.1:${port}/webhooks/sematryx`,
    events: webhooks.eventTypes,
    secret,
  })

  const [delivery] = emulator.emit('sematryx', 'optimization.completed')
  await emulator.settled()
  await webhooks.idle()

  expect(delivery?.state).toBe('delivered')
  expect(delivery?.attempts.map(({ at, status, error }) => [at - start, status ?? error])).toEqual([
    [0, 'connection refused'],
    [1 * second, 'connection refused'],
    [1 * minute + 1 * second, 'connection refused'],
    [6 * minute + 1 * second, 'connection refused'],
    [1 * hour + 6 * minute + 1 * second, 200],
  ])
  expect(handled).toEqual([delivery?.eventId])
})

test('a receiver that stays down: six attempts over 25 h 6 min 1 s, then it is marked failed', async () => {
  const emulator = await startEmulator({ clock: leapingClock(async () => {}) })
  onTestFinished(() => emulator.close())
  await registerWebhook({
    apiKey: 'key',
    baseUrl: emulator.url,
    url: `http://127.0.0.1:${await freePort()}/webhooks/sematryx`,
    events: ['optimization.completed'],
  })
  const [delivery] = emulator.emit('sematryx', 'optimization.completed')
  await emulator.settled()
  expect(delivery?.state).toBe('failed')
  expect(delivery?.attempts).toHaveLength(6)
  expect((delivery?.attempts.at(-1)?.at ?? 0) - start).toBe(25 * hour + 6 * minute + second)
})
