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
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }))
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
