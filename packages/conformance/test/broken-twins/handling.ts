import type { Inbox } from '@hookport/core'
import { type BrokenTwin, deliveryOf, inboxWith, writeWell } from './broken-twin.ts'

const noProgress = { completed: [], abandoned: [] }

/** Flaws in how handlers are run. */
export const handlingTwins: BrokenTwin[] = [
  {
    name: 'waits for handlers before it acknowledges',
    caughtBy: ['H501'],
    async answer(request, response, receiver, path) {
      const reply = await receiver.receive(deliveryOf(request))
      if (path === '/on-receipt') await receiver.idle()
      writeWell(response, reply)
    },
  },
  {
    name: 'acknowledges while handlers run that it should wait for',
    caughtBy: ['H303', 'H402', 'H502'],
    twist: { options: { acknowledge: 'on-receipt' } },
  },
  {
    name: 'drops what no handler takes',
    caughtBy: ['H305'],
    twist: { options: { unhandled: 'drop' } },
  },
  { name: 'gives up after a failure', caughtBy: ['H401'], twist: { options: { retry: { attempts: 1 } } } },
  {
    name: 'runs every handler again because one failed',
    caughtBy: ['H401', 'H402'],
    twist: { inbox: forgetsProgress },
  },
  {
    name: 'hands on data that does not fit',
    caughtBy: ['H603', 'H604'],
    twist: { provider: (provider) => ({ ...provider, events: new Map() }) },
  },
  {
    name: 'hands on only the fields that it knows',
    caughtBy: ['H602'],
    twist: {
      provider: (provider) => ({
        ...provider,
        readData: (payload) => {
          const { new_field: _, ...known } = (payload.data ?? {}) as Record<string, unknown>
          return known
        },
      }),
    },
  },
]

function forgetsProgress(inbox: Inbox): Inbox {
  return inboxWith(inbox, {
    consume: (work, options) =>
      inbox.consume((attempt) => work({ ...attempt, progress: noProgress }), options),
    release: (lease, _progress, attemptUsed) => inbox.release(lease, noProgress, attemptUsed),
  })
}
