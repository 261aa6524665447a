import { setImmediate as turn } from 'node:timers/promises'
import { type Inbox, Refusal, type Reply } from '@hookport/core'
import { type Answer, type BrokenTwin, deliveryOf, inboxWith, writeWell } from './broken-twin.ts'

let lastNumber = 0
const uniqueKey = (key: string) => `${key}#${++lastNumber}`

/** Flaws in how an event is taken on. */
export const takingOnTwins: BrokenTwin[] = [
  { name: 'acknowledges none of many deliveries at once', caughtBy: ['H206'], answer: refusingCrowds() },
  {
    name: 'acknowledges before it holds',
    caughtBy: ['H301', 'H302', 'H304'],
    twist: {
      inbox: (inbox) =>
        inboxWith(inbox, {
          put(event, options) {
            Promise.resolve(inbox.put(event, options)).catch(() => {})
            return { outcome: 'accepted' }
          },
        }),
    },
  },
  {
    name: 'refuses what it can not read',
    caughtBy: ['H304', 'H310', 'H311', 'H312', 'H313', 'H314', 'H315', 'H316'],
    twist: {
      inbox: (inbox) =>
        withUnreadable(inbox, () => {
          throw new Refusal('invalid_payload', 'it can not be read')
        }),
    },
  },
  {
    name: 'acknowledges what it can not read, and drops it',
    caughtBy: ['H304'],
    twist: { inbox: (inbox) => withUnreadable(inbox, () => ({ outcome: 'accepted' })) },
  },
  {
    name: 'checks for a duplicate, then inserts',
    caughtBy: ['H202'],
    twist: { inbox: checkThenInsert },
  },
  {
    name: 'remembers nothing',
    caughtBy: ['H201', 'H202', 'H203', 'H205', 'H305', 'H501'],
    twist: {
      inbox: (inbox) =>
        inboxWith(inbox, {
          put: (event, options) => inbox.put({ ...event, key: uniqueKey(event.key) }, options),
        }),
    },
  },
  {
    name: 'folds ids as its store does',
    caughtBy: ['H207'],
    twist: {
      inbox: (inbox) =>
        inboxWith(inbox, { put: (event, options) => inbox.put({ ...event, key: fold(event.id) }, options) }),
    },
  },
  {
    name: 'takes every id to be new where handlers run first',
    caughtBy: ['H206', 'H402', 'H502'],
    twist: {
      inbox: (inbox) =>
        inboxWith(inbox, {
          claim: (event, options) => inbox.claim({ ...event, key: uniqueKey(event.key) }, options),
        }),
    },
  },
  {
    name: 'remembers what it refuses',
    caughtBy: ['H204'],
    answer: remembersRefused(),
  },
  {
    name: 'waits for its store without end',
    caughtBy: ['H302'],
    twist: { options: { acceptTimeout: 3600_000 } },
  },
  {
    name: 'keeps a newline more than came',
    caughtBy:
      'H101 H102 H103 H104 H105 H106 H107 H108 H109 H110 H111 H112 H113 H114 H203 H305 H610 H611 H612 H613 H614 H615 H740 H741'.split(
        ' ',
      ),
    twist: {
      inbox: (inbox) =>
        inboxWith(inbox, {
          put: (event, options) =>
            inbox.put({ ...event, rawBody: Buffer.concat([event.rawBody, Buffer.from('\n')]) }, options),
        }),
    },
  },
  {
    name: 'keeps what it parsed in place of the bytes',
    caughtBy: 'H102 H103 H104 H105 H107 H108 H109 H110 H114 H310 H311 H740 H741'.split(' '),
    twist: {
      inbox: (inbox) =>
        inboxWith(inbox, {
          put(event, options) {
            const parsed = JSON.parse(Buffer.from(event.rawBody).toString('utf8'))
            return inbox.put({ ...event, rawBody: Buffer.from(JSON.stringify(parsed)) }, options)
          },
        }),
    },
  },
]

function withUnreadable(inbox: Inbox, put: Inbox['put']): Inbox {
  return inboxWith(inbox, {
    put: (event, options) => (event.unreadable ? put(event, options) : inbox.put(event, options)),
  })
}

function checkThenInsert(inbox: Inbox): Inbox {
  const seen = new Set<string>()
  return inboxWith(inbox, {
    async put(event, options) {
      if (seen.has(event.key)) return { outcome: 'duplicate', conflict: false }
      await turn() // the round trip to a store
      seen.add(event.key)
      return inbox.put({ ...event, key: uniqueKey(event.key) }, options)
    },
  })
}

function fold(id: string): string {
  return `sematryx:${id.normalize('NFC').toLowerCase().slice(0, 255)}`
}

function remembersRefused(): Answer {
  const refused = new Set<string>()
  return async (request, response, receiver) => {
    const { readBody, ...delivery } = deliveryOf(request)
    let id = ''
    const reply = await receiver.receive({
      ...delivery,
      async readBody(maxBytes) {
        const body = await readBody(maxBytes)
        id = /"id":"(.*?)"/.exec(Buffer.from(body).toString('utf8'))?.[1] ?? ''
        if (refused.has(id)) throw new Error('seen before')
        return body
      },
    })
    if (reply.status === 401 && id !== '') refused.add(id)
    writeWell(response, reply)
  }
}

const inProgress: Reply = {
  status: 409,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"error":"in_progress"}',
}

/** Says `in_progress` to all of more than ten deliveries that come together, even to the one that is handled. */
function refusingCrowds(): Answer {
  let together = 0
  let isCrowd = false
  return async (request, response, receiver, path) => {
    isCrowd = ++together > 10 || (isCrowd && together > 1)
    const reply = await receiver.receive(deliveryOf(request))
    writeWell(response, isCrowd && path === '/after-handlers' ? inProgress : reply)
    together -= 1
  }
}
