import { sematryx } from '@hookport/providers/sematryx'
import { expect, test } from 'vitest'
import { bytesInUse } from './support/bytes-in-use.ts'
import { body } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const events = 60
const typeLength = 500_000
const maxParkedBytes = 1024 * 1024

test('A653: types without end, of half a megabyte each, keep no memory once their events are dropped, and write ten lines a minute', async () => {
  const seen = new Seen()
  const receiver = watchedReceiver(sematryx({ allowUnsigned: true }), seen, { maxParkedBytes })
  receiver.onEvent('optimization.completed', () => {})
  const send = async (number: number) => {
    const rawBody = body(Date.now(), { type: `${number}.${'x'.repeat(typeLength)}` })
    await receiver.receive({ method: 'POST', url: '/', headers: new Headers(), readBody: () => rawBody })
    await receiver.idle()
  }
  for (let number = 0; number < 5; number++) await send(number)
  seen.forget()
  const before = bytesInUse()
  for (let number = 5; number < events; number++) await send(number)
  expect(seen.accepted).toHaveLength(events - 5)
  const dropped = seen.lines.filter(({ message }) => message.includes('was dropped'))
  expect(dropped.length).toBeLessThanOrEqual(10)
  seen.forget()
  expect(bytesInUse() - before).toBeLessThan((events * typeLength) / 3)
  await receiver.stop()
})
