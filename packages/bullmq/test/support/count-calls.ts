import type { Redis } from 'ioredis'

/** Calls of clients since the statistics were reset, without those that scripts make. */
export async function countCalls(redis: Redis): Promise<Record<string, number>> {
  const stats = await redis.info('commandstats')
  const calls = [...stats.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)].map(([, name, count]) => [
    name,
    Number(count),
  ])
  const { evalsha = 0, eval: eval_ = 0, bzpopmin = 0 } = Object.fromEntries(calls)
  return { scripts: evalsha + eval_, waits: bzpopmin }
}
