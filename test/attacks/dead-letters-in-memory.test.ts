import { sematryx } from '@hookport/providers/sematryx'
import { expect, test } from 'vitest'
import { bytesInUse } from './support/bytes-in-use.ts'
import { body, hmac, secrets } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const deadLetters = 8
const items = 200_000

test('A651: dead letters take up no more than twice their bytes, however much was said of why they are dead', async () => {
  const seen = new Seen()
  const receiver = watchedReceiver(sematryx({ secret: secrets.sematryx }), seen, {})
  const result = {
    best_solution: Array(items).fill('a'),
    best_fitness: 1,
    evaluations: 1,
    duration_seconds: 1,
  }
  const data = { optimization_id: 'opt_1', status: 'completed', result }
  receiver.onEvent('optimization.failed', ({ payload }) => {
    throw new Error(`can't be read: ${JSON.stringify(payload)}`)
  })
  let sent = 0
  const deliver = async (type: string) => {
    const rawBody = body(Date.now(), { type, data })
    sent += rawBody.length
    const headers = new Headers({ 'x-sematryx-signature': hmac(rawBody) })
    await receiver.receive({ method: 'POST', url: '/sematryx', headers, readBody: () => rawBody })
    await receiver.idle()
  }
  await deliver('optimization.completed')
  const before = bytesInUse()
  sent = 0
  for (let number = 0; number < deadLetters; number++)
    await deliver(number % 2 === 0 ? 'optimization.completed' : 'optimization.failed')
  expect(await receiver.inbox.counts()).toMatchObject({ dead: deadLetters + 1 })
  expect(seen.dead[0]?.failures[0]?.message).toMatch(/; and 199980 more$/)
  seen.forget()
  expect(bytesInUse() - before).toBeLessThan(2 * sent)
  await receiver.stop()
}, 60_000)
