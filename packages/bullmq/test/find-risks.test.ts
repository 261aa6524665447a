import { expect, test } from 'vitest'
import { findRisks } from '../src/find-risks.ts'
import { Keys } from '../src/layout/keys.ts'
import type { RedisClient } from '../src/redis/connections.ts'

/** What a Redis answers that is as it should be. Undefined is an error: hosted ones forbid some commands. */
const sound = {
  memory: 'used_memory:1\r\nmaxmemory_policy:noeviction\r\n' as string | undefined,
  persistence: 'loading:0\r\naof_enabled:1\r\n' as string | undefined,
  save: ['save', ''] as unknown,
  owner: 'hookport' as string | null | undefined,
  sources: ['sematryx', 'jaot'] as string[] | undefined,
  /** Keys of BullMQ's Workers. */
  ofWorkers: [] as string[],
  /** The `meta` of queues that are paused. */
  paused: [] as string[],
}

function risksOf(differences: Partial<typeof sound>): Promise<readonly string[]> {
  const { memory, persistence, save, owner, sources, ofWorkers, paused } = { ...sound, ...differences }
  const answer = async <Value>(value: Value | undefined) => {
    if (value === undefined) throw new Error('NOPERM this user has no permissions')
    return value
  }
  const client = {
    info: (section: string) => answer(section === 'memory' ? memory : persistence),
    config: () => answer(save),
    get: () => answer(owner),
    smembers: () => answer(sources),
    exists: async (key: string) => (ofWorkers.includes(key) ? 1 : 0),
    hexists: async (key: string) => (paused.includes(key) ? 1 : 0),
  }
  return findRisks(client as unknown as RedisClient, new Keys('{hookport}', 'webhooks'), 'hookport')
}

test.each<[string, Partial<typeof sound>]>([
  ['that appends to a file', {}],
  ['that only saves snapshots', { persistence: 'aof_enabled:0', save: ['save', '3600 1'] }],
  ['that does not say whether it saves any', { persistence: 'aof_enabled:0', save: undefined }],
  ['that says nothing of its persistence', { persistence: undefined, save: ['save', ''] }],
  [
    'that says nothing',
    { memory: undefined, persistence: undefined, save: undefined, owner: undefined, sources: undefined },
  ],
  ['that nothing was put into yet', { owner: null }],
  ['that does not say what it does when memory is full', { memory: 'used_memory:1\r\n' }],
])('a Redis %s has no risk that is known', async (_, differences) => {
  expect(await risksOf(differences)).toEqual([])
})

test.each<[string, Partial<typeof sound>, string]>([
  ['evicts keys', { memory: 'maxmemory_policy:allkeys-lru\r\n' }, 'maxmemory-policy allkeys-lru'],
  ['writes nothing to disk', { persistence: 'aof_enabled:0' }, 'writes nothing to disk'],
  [
    'has a Worker of BullMQ on one of its queues',
    { ofWorkers: ['{hookport}:webhooks-jaot:stalled-check'] },
    'Worker of BullMQ runs on the queue webhooks-jaot',
  ],
  [
    'has paused a queue',
    { paused: ['{hookport}:webhooks-jaot:meta'] },
    'queue webhooks-jaot is paused in BullMQ',
  ],
  ['belongs to another application', { owner: 'shop' }, 'belong to the application shop'],
])('one that %s has that risk', async (_, differences, risk) => {
  expect(await risksOf(differences)).toEqual([expect.stringContaining(risk)])
})
