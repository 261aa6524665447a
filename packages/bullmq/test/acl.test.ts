import { noProgress } from '@hookport/core'
import { afterEach, expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench(['--maxmemory-policy', 'noeviction', '--appendonly', 'yes'])

/** The address of the store for a user who may not call `@dangerous` commands, such as INFO, but those that are given. */
async function addressOfUser(...allowed: string[]): Promise<string> {
  const rules = ['on', '>word', 'resetkeys', `~${bench.prefix}:*`, 'resetchannels', '+@all', '-@dangerous']
  await bench.redis.call('ACL', 'SETUSER', 'shop', 'reset', ...rules, ...allowed)
  return bench.server.url.replace('redis://', 'redis://shop:word@')
}

afterEach(() => bench.redis.call('ACL', 'DELUSER', 'shop'))

test('a user of Redis who may not call INFO is refused nothing: each of 40 at once is held, claimed and handled', async () => {
  const inbox = bench.open({ connection: await addressOfUser() })
  const puts = Array.from({ length: 40 }, () => inbox.put(sampleEvent(), remember))
  expect(await Promise.all(puts)).toEqual(puts.map(() => ({ outcome: 'accepted' })))
  const claim = await inbox.claim(sampleEvent(), { ...remember, leaseMs: 1_000 })
  expect(claim).toMatchObject({ outcome: 'claimed' })

  const consuming = consume(inbox, undefined, { concurrency: 16 })
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }), 10_000)
  expect(consuming.turns).toHaveLength(40)
})

test('a user of Redis who may not call INFO is told at start that memory is not watched', async () => {
  const blind = bench.open({ connection: await addressOfUser() })
  expect(await blind.findRisks?.()).toEqual([
    expect.stringMatching(/NOPERM.*maxMemoryShare has no effect.*allow the user \+info/),
  ])
  const seeing = bench.open({ connection: await addressOfUser('+info') })
  expect(await seeing.findRisks?.()).toEqual([])
})

/** As Redis 7 says it, and later ones. */
const refused = /user executing the script can't run|ACL failure in script/

test.each(['xadd', 'incr', 'lpush', 'persist', 'del', 'hset', 'zadd', 'sadd', 'scard'])(
  'a put in whose midst Redis refuses the command %s has taken nothing on: sent again, it is held and handled',
  async (command) => {
    const inbox = bench.open({ connection: await addressOfUser(`-${command}`) })
    const event = sampleEvent({ aliases: ['sematryx:~alias'], orderKey: 'sematryx:run_1' })
    await expect(inbox.put(event, remember)).rejects.toThrow(refused)
    await expect(inbox.put(event, remember)).rejects.toThrow(refused)
    expect(await inbox.knows?.([event.key])).toBe(false)
    await bench.redis.call('ACL', 'SETUSER', 'shop', `+${command}`)
    expect(await inbox.put(event, remember)).toEqual({ outcome: 'accepted' })
    const { turns } = consume(inbox)
    await vi.waitFor(
      async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }),
      10_000,
    )
    expect(turns).toHaveLength(1)
  },
)

test.each(['bury', 'park'] as const)(
  'a lease that is ended by %s in whose midst Redis refuses a command is kept, and its event is not known',
  async (how) => {
    const inbox = bench.open({ connection: await addressOfUser() })
    const event = sampleEvent()
    const claim = await inbox.claim(event, { ...remember, leaseMs: 10_000 })
    if (claim.outcome !== 'claimed') return expect.unreachable()
    const end = () => inbox[how](claim.lease, event, { ...remember, progress: noProgress, failures: [] })
    await bench.redis.call('ACL', 'SETUSER', 'shop', '-xadd')
    await expect(end()).rejects.toThrow(refused)
    expect(await inbox.knows?.([event.key])).toBe(false)
    await bench.redis.call('ACL', 'SETUSER', 'shop', '+xadd')
    expect(await end()).toBe(true)
    expect(await inbox.get(event.key)).toMatchObject({ state: how === 'bury' ? 'dead' : 'parked' })
  },
)

test('an unreadable event stays where Redis refuses to keep what is read in it, until that is kept', async () => {
  const inbox = bench.open({ connection: await addressOfUser() })
  const unreadable = sampleEvent({ type: 'unreadable', unreadable: true })
  const event = sampleEvent()
  await inbox.put(unreadable, remember)
  let replacements = 0
  const { turns } = consume(inbox, async (turn) => {
    if (turn.event.id === event.id) return undefined
    await bench.redis.call('ACL', 'SETUSER', 'shop', '-incr')
    replacements += 1
    return { outcome: 'replace', event, ...remember }
  })
  await vi.waitFor(() => expect(replacements).toBe(1), 10_000)
  await new Promise((resolve) => setTimeout(resolve, 300))
  await bench.redis.call('ACL', 'SETUSER', 'shop', '+incr')
  await vi.waitFor(
    () => expect(turns.map(({ event: { id } }) => id)).toEqual([unreadable.id, event.id]),
    10_000,
  )
  expect(await inbox.get(unreadable.key)).toBeUndefined()
})
