import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type EventRecord, type Inbox, memoryInbox, noProgress, type Verdict } from '@hookport/core'
import { type ManualClock, manualClock } from '@hookport/core/testing'
import { consumingAll, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const rememberMs = 1_000
const perRound = 2_000

/** Memory of typed arrays is given back a turn later. */
async function bytesInUse(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect()
    await nextTurn()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

type Make = (id: string) => EventRecord
type TakeOn = (inbox: Inbox, event: EventRecord) => unknown

/** What is still in memory of 20,000 events after the time of each is over. */
async function leftOver(make: Make, takeOn: TakeOn, verdict: Verdict): Promise<number> {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  inbox.consume(async () => verdict, consumingAll)
  await round(inbox, clock, 0)
  const before = await bytesInUse()
  for (let count = 1; count <= 10; count++) await round(inbox, clock, count)
  const after = await bytesInUse()
  expect(await inbox.counts()).toMatchObject({ pending: 0, dead: 0 })
  return after - before

  async function round(inbox: Inbox, clock: ManualClock, count: number) {
    for (let at = 0; at < perRound; at++) await takeOn(inbox, make(`${count}_${at}`))
    await clock.advance(rememberMs)
    await inbox.counts()
  }
}

const put: TakeOn = (inbox, event) => inbox.put(event, { rememberMs })
const claim: TakeOn = (inbox, event) => inbox.claim(event, { rememberMs, leaseMs: 100 })
const legacy = { newest: { handler: { createdAt: 1, rank: 0 } }, rememberMs }

test.each<[string, Make, TakeOn, Verdict]>([
  ['order keys', (id) => eventRecord({ id, orderKey: `acme:${id}` }), put, done],
  [
    'what was left to order keys',
    (id) => eventRecord({ id, orderKey: `acme:${id}` }),
    put,
    { outcome: 'done', progress: noProgress, legacy },
  ],
  ['aliases of deliveries', (id) => eventRecord({ id, aliases: [`acme:~${id}`] }), put, done],
  [
    'reconciled events',
    (id) => eventRecord({ id, origin: 'reconciled', aliases: [`acme:~${id}`] }),
    put,
    done,
  ],
  ['aliases of claims', (id) => eventRecord({ id, aliases: [`acme:~${id}`] }), claim, done],
])('%s leave no memory behind once their time is over', async (_, make, takeOn, verdict) => {
  expect(await leftOver(make, takeOn, verdict)).toBeLessThan(500_000)
})
