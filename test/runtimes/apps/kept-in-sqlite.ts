import { createReceiver } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { sqliteInbox } from '@hookport/sqlite'

/** Takes one event on, has its handler fail once, and prints what came of it. Arguments: the file, and the delivery as JSON. */
const [path, delivery] = process.argv.slice(2) as [string, string]
const { headers, body } = JSON.parse(delivery) as { headers: Record<string, string>; body: string }
const receiver = createReceiver({
  provider: sematryx({ secret: 'your-webhook-secret' }),
  inbox: sqliteInbox({ path }),
  retry: { initialDelay: 20 },
  logger: false,
})

const attempts: number[] = []
const handled = new Promise<void>((resolve) => {
  receiver.onEvent('optimization.completed', (_event, { attempt }) => {
    attempts.push(attempt)
    if (attempt === 1) throw new Error('not yet')
    resolve()
  })
})

const receive = () =>
  receiver.receive({
    method: 'POST',
    url: '/',
    headers: new Headers(headers),
    readBody: async () => new TextEncoder().encode(body),
  })
const replies = [await receive(), await receive()].map(({ status }) => status)
await handled
await receiver.stop()
process.stdout.write(`${JSON.stringify({ replies, attempts })}\n`)
