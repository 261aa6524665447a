import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createReceiver, PermanentError } from '@hookport/core'
import { provider, type RunEvent } from './provider.ts'
import { openInbox, type Store } from './stores.ts'

/** What a worker is told by its parent. */
export interface Settings {
  readonly store: Store
  /** Where it writes what it does, a JSON line each: appended at once, so that being killed loses none. */
  readonly log: string
  readonly handlers: readonly string[]
  readonly ordered: boolean
}

/** One line of the log. */
export interface Line {
  readonly what: 'begin' | 'end' | 'fail'
  readonly handler: string
  readonly id: string
  readonly process: number
}

const { store, log, handlers, ordered }: Settings = JSON.parse(process.argv[2] ?? '')
const { inbox } = openInbox(store)
const receiver = createReceiver({
  provider,
  inbox,
  logger: false,
  keepHandledFor: 3_600_000,
  maxAge: Number.POSITIVE_INFINITY,
  retry: { attempts: 5, initialDelay: 20, maxDelay: 50 },
  concurrency: 8,
  ...(ordered && { order: { by: (event) => event.data.run, older: 'skip' } }),
})
const attempts = new Map<string, number>()
for (const handler of handlers)
  receiver.onAnyEvent(
    async (event) => {
      const { id, failures = 0, isLost, takesMs = Math.random() * 6 } = event.data as RunEvent
      const write = (what: Line['what']) =>
        appendFileSync(log, `${JSON.stringify({ what, handler, id, process: process.pid })}\n`)
      write('begin')
      if (ordered) await sleep(takesMs)
      const attempt = (attempts.get(id) ?? 0) + 1
      attempts.set(id, attempt)
      if (isLost || attempt <= failures) {
        write('fail')
        throw isLost ? new PermanentError('lost') : new Error('not yet')
      }
      write('end')
    },
    { name: handler },
  )
receiver.start()
