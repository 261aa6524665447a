import { manualClock } from '@hookport/core/testing'
import { sematryx } from '@hookport/providers/sematryx'
import { expect, test } from 'vitest'
import { hmac, maxBodyBytes } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const bodies = 40
const allowed = 10

test('A655: bodies whose secret does not come are held to maxBytesInFlight, the one that has waited for longest is refused', async () => {
  const clock = manualClock(Date.now())
  const provider = sematryx({ secret: () => new Promise<never>(() => {}) })
  const seen = new Seen()
  const options = { clock, maxBytesInFlight: allowed * maxBodyBytes, acceptTimeout: 3_000 }
  const receiver = watchedReceiver(provider, seen, options)
  const content = Buffer.alloc(maxBodyBytes, 'a')
  const headers = new Headers({ 'x-sematryx-signature': hmac(content, 'a guess') })
  const answered: number[] = []
  const replies = Array.from({ length: bodies }, async (_, number) => {
    const reply = await receiver.receive({ method: 'POST', url: '/', headers, readBody: () => content })
    answered.push(number)
    return reply.status
  })
  await clock.advance(0)
  expect(answered).toEqual(Array.from({ length: bodies - allowed }, (_, number) => number))
  await clock.advance(3_000)
  expect(await Promise.all(replies)).toEqual(Array(bodies).fill(503))
  await receiver.stop()
})
