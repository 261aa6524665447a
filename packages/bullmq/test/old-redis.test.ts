import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench()

/** A server in front of Redis that makes it refuse the flags of scripts, and counts how often it did. */
async function oldRedis() {
  const seen = { refused: 0 }
  const proxy = createServer((client) => {
    const upstream = connect(bench.server.port, '127.0.0.1')
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      if (text.includes('#!lua')) seen.refused += 1
      upstream.write(text.replaceAll('#!lua', '##lua'), 'latin1') // which Redis 7 can't compile either
    })
    upstream.on('data', (bytes) => client.write(bytes))
    for (const [end, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      end.on('error', () => {})
      end.on('close', () => other.destroy())
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  return { proxy, seen, connection: `redis://127.0.0.1:${port}` }
}

test('a Redis of before version 7, to which the flags of a script are an error, is given scripts without them', async () => {
  const { proxy, seen, connection } = await oldRedis()
  const inbox = bench.open({ connection })
  const consuming = consume(inbox)
  const event = sampleEvent()
  await inbox.put(event, remember)
  await vi.waitFor(() => expect(consuming.ids).toEqual([event.id]), { timeout: 10_000 })
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }), 10_000)
  expect(consuming.lines).toEqual([])
  expect(seen.refused).toBeGreaterThan(0)
  proxy.close()
})

test('calls that are under way at once when such a Redis is met are all answered', async () => {
  const { proxy, connection } = await oldRedis()
  const inbox = bench.open({ connection })
  const claims = await Promise.all(
    [sampleEvent(), sampleEvent()].map((event) => inbox.claim(event, { ...remember, leaseMs: 60_000 })),
  )
  const renewed = claims.map((claim) => claim.outcome === 'claimed' && inbox.renew(claim.lease, 60_000))
  expect(await Promise.all(renewed)).toEqual([true, true])
  proxy.close()
})
