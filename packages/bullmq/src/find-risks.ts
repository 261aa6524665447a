import type { Keys } from './layout/keys.ts'
import type { RedisClient } from './redis/connections.ts'
import { isReply } from './redis/trouble.ts'

/** What may lose events in the configuration of this Redis. Where it can't be asked, as in some hosted ones, that is told in place of it. */
export async function findRisks(
  client: RedisClient,
  keys: Keys,
  application: string,
): Promise<readonly string[]> {
  const [memory, persistence, save, owner, ofQueues] = await Promise.all([
    client.info('memory').catch((error: Error) => error),
    client.info('persistence').catch(() => ''),
    client.config('GET', 'save').catch(() => undefined),
    client.get(keys.application).catch(() => null),
    queueRisks(client, keys).catch(() => []),
  ])
  return [
    ...(memory instanceof Error ? blindRisk(memory) : evictionRisk(memory)),
    ...persistenceRisk(String(persistence), save),
    ...ownerRisk(owner, application, keys.prefix),
    ...ofQueues,
  ]
}

/** What is found in the queues. */
async function queueRisks(client: RedisClient, keys: Keys): Promise<readonly string[]> {
  const sources = await client.smembers(keys.sources)
  const risks = await Promise.all(
    sources.map(async (source) => {
      const hasWorker = await client.exists(keys.ofQueue(source, 'stalled-check')) // a Worker writes it every 30 s
      const isPaused = await client.hexists(keys.ofQueue(source, 'meta'), 'paused')
      const queue = keys.queue(source)
      return [...(hasWorker ? [workerRisk(queue)] : []), ...(isPaused ? [pauseRisk(queue)] : [])]
    }),
  )
  return risks.flat()
}

function workerRisk(queue: string): string {
  return `a Worker of BullMQ runs on the queue ${queue}: no handler of this inbox gets the events that it takes, and what handlers work on for longer than 30 s is handed out again; end it`
}

/** A dashboard has done it, or an `obliterate` that failed: it pauses the queue first. */
function pauseRisk(queue: string): string {
  return `the queue ${queue} is paused in BullMQ: its events are kept, but none is handled; resume it`
}

function evictionRisk(info: string): string[] {
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1]
  if (policy === undefined || policy === 'noeviction') return []
  return [
    `Redis evicts keys when memory is full (maxmemory-policy ${policy}): accepted events and remembered ids may vanish; set noeviction`,
  ]
}

/** Redis has no report for this user. That a connection broke says nothing. */
function blindRisk(error: Error): string[] {
  if (!isReply(error)) return []
  return [
    `Redis does not say what memory and settings it has (${error.message}): maxMemoryShare has no effect, and noeviction and appendonly are not checked; allow the user +info`,
  ]
}

function persistenceRisk(info: string, save: unknown): string[] {
  const appendsToFile = info.includes('aof_enabled:1')
  const savesSnapshots = !Array.isArray(save) || save[1] !== ''
  if (info === '' || appendsToFile || savesSnapshots) return []
  return [
    'Redis writes nothing to disk (no AOF, no snapshots): a restart of Redis loses accepted events; set appendonly yes',
  ]
}

function ownerRisk(owner: string | null, application: string, prefix: string): string[] {
  if (owner === null || owner === application) return []
  return [
    `the events in Redis under ${prefix} belong to the application ${owner}, but this inbox belongs to ${application}: each would take the other's events; give them different prefixes`,
  ]
}
