import { bullmqInbox } from '@hookport/bullmq'
import { createReceiver, type Inbox, memoryInbox, type Receiver, type ReceiverOptions } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { github } from '@hookport/providers/github'
import { sematryx } from '@hookport/providers/sematryx'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'
import { sqliteInbox } from '@hookport/sqlite'
import pg from 'pg'
import { encodedSecret, secret } from './secrets.ts'
import { countHandled, keepsIn } from './serve.ts'
import { wasteOf } from './waste.ts'
import { watch } from './watch.ts'

const count = { seen: 0 }
const see = () => {
  count.seen += 1
}
const everyObserver = { accepted: see, duplicate: see, rejected: see, handled: see, failed: see, dead: see }
const countingLogger = { debug: see, info: see, warn: see, error: see }

type Settings = Record<string, string | undefined>

/** The full pipeline, as an application would set it up; what differs between contenders comes from the environment. */
export function benchmarkReceiver(settings: Settings = process.env): Receiver {
  const inbox = inboxOf(settings)
  const receiver = createReceiver({
    provider: providerOf(settings) as ReturnType<typeof sematryx>,
    inbox,
    maxBodyBytes: 2 * 1024 * 1024,
    concurrency: 64,
    logger: false,
    ...(settings.ACKNOWLEDGE && {
      acknowledge: settings.ACKNOWLEDGE as ReceiverOptions['acknowledge'] & string,
    }),
    ...(settings.CONSUME === '0' && { consume: false }),
    ...(settings.ORDER_KEYS && {
      order: { by: keyOf(Number(settings.ORDER_KEYS)), older: 'handle' as const },
    }),
    ...(settings.OBSERVED === '1' && { observers: everyObserver, logger: countingLogger }),
  }) as Receiver
  keepsIn({ count: async () => (await inbox.counts()).pending })
  if (settings.OBSERVED) watch(receiver, settings.OBSERVED, see)
  for (let other = 1; other < Number(settings.HANDLERS ?? 1); other++)
    receiver.onEvent(`type.${other}`, () => {})
  if (settings.PROVIDER === 'github') return receiver.onEvent('ping', async () => countHandled())
  const waste = settings.WASTE ? wasteOf(Number(settings.WASTE)) : undefined
  return receiver.onEvent('optimization.completed', async ({ data }) => {
    waste?.()
    if (data.result.best_fitness > 0) countHandled()
  })
}

/** Deals events out to so many keys. Their ids end with a number that grows. */
function keyOf(count: number): ({ id }: { readonly id: string }) => string {
  return ({ id }) => String(Number(id.slice(id.lastIndexOf('_') + 1)) % count)
}

function providerOf({ PROVIDER }: Settings) {
  if (PROVIDER === 'github') return github({ secret })
  if (PROVIDER === 'stripe') return stripe({ secret })
  if (PROVIDER === 'standard-webhooks') return standardWebhooks({ secret: encodedSecret })
  return sematryx({ secret })
}

function inboxOf({ INBOX, POSTGRES_URL, REDIS_URL, SQLITE_PATH, SYNCHRONOUS }: Settings): Inbox {
  if (INBOX === 'bullmq') return bullmqInbox({ connection: REDIS_URL as string })
  if (INBOX === 'postgres')
    return postgresInbox({ pool: new pg.Pool({ connectionString: POSTGRES_URL, max: 10 }) })
  if (INBOX === 'sqlite') {
    return sqliteInbox({
      path: SQLITE_PATH as string,
      synchronous: (SYNCHRONOUS ?? 'full') as 'full' | 'normal',
    })
  }
  return memoryInbox({ maxIds: 100_000_000 })
}
