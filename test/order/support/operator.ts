import { pauseHandling, type ReplayRequest, replayEvents } from '@hookport/core'
import { openInbox, type Store } from './stores.ts'

/** What an operator's process is told by its parent. It says `step` after each of its steps, and lives on until it is killed. */
export interface Orders {
  readonly store: Store
  readonly replay?: ReplayRequest
  readonly pause?: string
}

const { store, replay, pause }: Orders = JSON.parse(process.argv[2] ?? '')
const { inbox } = openInbox(store)
const say = () => void process.stdout.write('step\n')
if (pause !== undefined) {
  await pauseHandling(inbox, 'acme', { reason: pause }, Date.now())
  say()
}
if (replay)
  await replayEvents(
    { ...replay, perSecond: Number.POSITIVE_INFINITY, onProgress: say },
    { inbox, source: 'acme' },
  )
setInterval(() => {}, 1_000)
