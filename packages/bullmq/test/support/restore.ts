import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

/** When the fixture was made: the lease of its running claim ends an hour later, its retry is due in a day. */
const madeAt = 1_795_676_219_000

type Command = [name: string, key: string, ...args: (string | number)[]]

/** Puts into Redis what was left there before the layout had a number, as if it had been left just now. */
export async function restoreLayout1(redis: Redis): Promise<void> {
  const path = new URL('../fixtures/layout-1.json', import.meta.url)
  const laterMs = Date.now() - madeAt
  for (const [name, key, ...args] of JSON.parse(readFileSync(path, 'utf8')) as Command[]) {
    await redis.call(
      name,
      key,
      ...args.map((arg, index) => shift(key, arg, index === 0 ? name : args[index - 1], laterMs)),
    )
  }
}

/** Moves an instant to where it would be. */
function shift(
  key: string,
  arg: string | number,
  before: string | number | undefined,
  laterMs: number,
): string {
  if (before === 'leaseUntil' && arg !== '0') return String(Number(arg) + laterMs)
  if (before === 'ZADD' && key.endsWith(':delayed')) return String(Number(arg) + laterMs * 4_096)
  return String(arg)
}
