import type { Keys } from './keys.ts'
import type { RedisLink } from './redis/redis-link.ts'
import { layout } from './scripts/prelude.ts'

/**
 * Makes the present layout of what an earlier version has left, or of nothing.
 *
 * @param found 0 where there is no mark.
 * @throws {Error} where a newer version has made the layout.
 */
export async function makeLayout(
  link: RedisLink,
  found: number,
  keys: Keys,
  application: string,
): Promise<void> {
  if (found > layout) {
    throw new Error(
      `the events in Redis under ${keys.prefix} are laid out in version ${found}, and this process knows ${layout}: it was left behind by a newer @hookport/bullmq, and has to be updated`,
    )
  }
  const call = { script: 'migrate', keys: keys.ofScripts(''), args: () => [application] } as const
  await link.run({ ...call, repeatable: true, read: () => undefined })
}
