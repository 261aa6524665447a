import type { RedisLink } from '../redis/redis-link.ts'
import { layout } from '../scripts/parts/prelude.ts'
import type { Keys } from './keys.ts'

/**
 * Creates the current layout, or migrates what an earlier version has left.
 *
 * @param found the version found, 0 for none.
 * @throws {Error} where a newer version has created the layout.
 */
export async function makeLayout(
  link: RedisLink,
  found: number,
  keys: Keys,
  application: string,
): Promise<void> {
  if (found > layout) {
    throw new Error(
      `the events in Redis under ${keys.prefix} have layout version ${found}, but this process knows ${layout}: a newer @hookport/bullmq has written them, so update this one`,
    )
  }
  const call = { script: 'migrate', keys: keys.ofScripts(''), args: () => [application] } as const
  await link.run({ ...call, repeatable: true, read: () => undefined })
}
