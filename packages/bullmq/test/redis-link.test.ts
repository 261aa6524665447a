import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { RedisClient } from '../src/redis/connections.ts'
import { RedisLink } from '../src/redis/redis-link.ts'

/** A client whose connection has ended without its knowing: until the loop turns, it takes itself to be ready. */
class EndingClient extends EventEmitter {
  status = 'ready'
  isEnding = true
  tries = 0

  defineCommand(name: string): void {
    Reflect.set(this, name, async () => {
      this.tries += 1
      if (this.isEnding) throw new Error("Stream isn't writeable and enableOfflineQueue options is false")
      return 'done'
    })
  }
}

test('what is sent on a connection that is on its way to end leaves the event loop to others, and is sent again', async () => {
  const client = new EndingClient()
  const link = new RedisLink(client as unknown as RedisClient, async () => {})
  setImmediate(() => {
    client.isEnding = false
  })
  const call = { script: 'passOn', keys: [], args: () => [], repeatable: true, read: String } as const
  expect(await link.run(call)).toBe('done')
  expect(client.tries).toBe(2)
})
