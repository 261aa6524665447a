import { Redis } from 'ioredis'
import { afterEach, expect, test, vi } from 'vitest'
import { openConnection } from '../src/redis/connections.ts'
import { RedisLink } from '../src/redis/redis-link.ts'
import { useBench } from './support/bench.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench()
const links: RedisLink[] = []

afterEach(async () => {
  for (const link of links.splice(0)) link.abandon()
  await bench.redis.flushall()
})

/** A link to a database of Redis, and how often it has asked for it. */
function linkTo(db: number) {
  const client = openConnection(
    { ...new Redis(bench.server.url, { lazyConnect: true }).options, db },
    'accept',
  )
  const select = vi.spyOn(client, 'select')
  const link = new RedisLink(client, async () => {})
  links.push(link)
  return { link, select, client }
}

const breakConnections = () => bench.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')

test('events are in the database of the connection, and none elsewhere, also after it broke', async () => {
  const inbox = bench.open({ connection: `${bench.server.url}/1` })
  expect(await inbox.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
  await breakConnections()
  expect(await inbox.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
  expect(await inbox.counts()).toMatchObject({ pending: 2 })
  expect(await bench.redis.dbsize()).toBe(0)
})

test('a user who may no longer go there is refused on the next connection, with the reason: nothing is kept in database 0', async () => {
  const rules = ['on', '>word', '~*', '&*', '+@all']
  await bench.redis.call('ACL', 'SETUSER', 'shop', 'reset', ...rules)
  const inbox = bench.open({ connection: `${bench.server.url.replace('redis://', 'redis://shop:word@')}/1` })
  await inbox.put(sampleEvent(), remember)
  await bench.redis.call('ACL', 'SETUSER', 'shop', '-select')
  await breakConnections()
  await expect(inbox.put(sampleEvent(), remember)).rejects.toMatchObject({
    message: expect.stringContaining('does not let this inbox into its database 1: NOPERM'),
    cause: expect.objectContaining({ name: 'ReplyError' }),
  })
  expect(await bench.redis.dbsize()).toBe(0)
})

test('a connection that breaks while its database is asked for is no refusal: the next one is asked', async () => {
  const { link, select, client } = linkTo(1)
  await client.connect() // which asks for it as well
  select.mockRejectedValueOnce(new Error('Connection is closed.'))
  await link.untilReady()
})

test('a connection that is on its way to end while its database is asked for leaves the event loop to others', async () => {
  const { link, select, client } = linkTo(1)
  await client.connect()
  select.mockClear()
  let hasEnded = false
  setImmediate(() => {
    hasEnded = true
  })
  select.mockImplementation(async () => {
    if (hasEnded || select.mock.calls.length > 1_000) return 'OK' // where the event loop is held up, it would never end
    throw new Error("Stream isn't writeable and enableOfflineQueue options is false")
  })
  await link.untilReady()
  expect(select).toHaveBeenCalledTimes(2)
})

test('database 0 is not asked for: every connection begins there', async () => {
  const { link, select, client } = linkTo(0)
  await link.untilReady()
  client.disconnect(true)
  await link.untilReady()
  expect(select).not.toHaveBeenCalled()
})
