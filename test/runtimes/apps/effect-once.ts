import { DatabaseSync } from 'node:sqlite'
import { createReceiver } from '@hookport/core'
import { onceIn } from '@hookport/once/node-sqlite'
import { sematryx } from '@hookport/providers/sematryx'

/** Takes one event on, has its effect fail once after it wrote, and prints what came of it. Argument: the delivery as JSON. */
const { headers, body } = JSON.parse(process.argv[2] as string) as {
  headers: Record<string, string>
  body: string
}
const database = new DatabaseSync(':memory:')
database.exec('create table effects (id text)')
const once = onceIn(database)
await once.migrate()
let end = () => {}
const handled = new Promise<void>((resolve) => {
  end = resolve
})
const receiver = createReceiver({
  provider: sematryx({ secret: 'your-webhook-secret' }),
  retry: { initialDelay: 20 },
  observers: { handled: () => end() },
  logger: false,
})

const attempts: number[] = []
receiver.onEvent(
  'optimization.completed',
  once('save', ({ id }, _, { tx, context }) => {
    tx.prepare('insert into effects values (?)').run(id)
    attempts.push(context.attempt)
    if (context.attempt === 1) throw new Error('not yet')
  }),
)

await receiver.receive({
  method: 'POST',
  url: '/',
  headers: new Headers(headers),
  readBody: async () => new TextEncoder().encode(body),
})
await handled
await receiver.stop()
const effects = database
  .prepare('select id from effects')
  .all()
  .map(({ id }) => id)
process.stdout.write(`${JSON.stringify({ attempts, effects })}\n`)
