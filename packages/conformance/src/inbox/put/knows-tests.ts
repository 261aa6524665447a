import assert from 'node:assert/strict'
import type { EventRecord, Inbox } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import { claimed } from '../steps/claimed.ts'
import { assertGone } from '../steps/expectations.ts'
import { done, noProgress, remembered, sampleEvent } from '../steps/sample-event.ts'

async function knows(inbox: Inbox, ...names: string[]): Promise<boolean> {
  assert.ok(inbox.knows, 'the inbox has no knows(): skip this test, and say why')
  return await inbox.knows(names)
}

/** An event of each origin, with an alias each. */
const both: readonly EventRecord[] = (['delivery', 'reconciled'] as const).map((origin) =>
  sampleEvent({ id: origin, origin, aliases: [`acme:~end:paid:${origin}`] }),
)

const namesOf = ({ key, aliases = [] }: EventRecord) => [key, ...aliases]

export const knowsTests = [
  inboxTest(
    'I177',
    'MUST know an accepted event by its key and by its aliases, handled or not',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      for (const event of both) {
        for (const name of namesOf(event)) assert.equal(await knows(one, name), false, `${name}, before`)
        await one.put(event, remembered)
        for (const name of namesOf(event)) assert.equal(await knows(other, name), true, `${name}, kept`)
      }
      bench.consume(one, async () => done)
      for (const event of both) {
        await bench.eventually(() => assertGone(one, event.key))
        for (const name of namesOf(event)) assert.equal(await knows(other, name), true, `${name}, handled`)
        assert.equal(await knows(one, 'acme:nobody', ...namesOf(event)), true, 'one of several')
      }
      assert.equal(await knows(one, 'acme:nobody', 'acme:~end:paid:nobody'), false)
      assert.equal(await knows(one), false, 'no name')
    },
  ),

  inboxTest(
    'I178',
    'MUST NOT know a key that is only claimed, and MUST change nothing when it is asked',
    async (bench) => {
      const inbox = await bench.open()
      const [delivery] = both as [EventRecord, EventRecord]
      const lease = await claimed(inbox, delivery)
      for (const name of namesOf(delivery)) assert.equal(await knows(inbox, name), false, `${name}, claimed`)
      await inbox.release(lease, noProgress, true)
      for (const name of namesOf(delivery)) assert.equal(await knows(inbox, name), false, `${name}, released`)
      assert.deepEqual(await inbox.put(delivery, remembered), { outcome: 'accepted' })
    },
  ),

  inboxTest(
    'I179',
    'MUST know names as long as they are remembered, and not at rememberMs',
    async (bench) => {
      const inbox = await bench.open()
      bench.consume(inbox, async () => done)
      let round = 0
      for (const origin of ['delivery', 'reconciled'] as const) {
        const { event, forgottenAt } = await bench.withinWindow(async (rememberMs) => {
          const event = sampleEvent({
            id: `remembered_${++round}`,
            origin,
            aliases: [`acme:~end:paid:${round}`],
          })
          const startedAt = bench.now()
          await inbox.put(event, { rememberMs })
          const takenOnAt = bench.now()
          await bench.eventually(() => assertGone(inbox, event.key))
          await bench.passUntilJustBefore(startedAt + rememberMs)
          for (const name of namesOf(event)) assert.equal(await knows(inbox, name), true, name)
          return { event, forgottenAt: takenOnAt + rememberMs }
        })
        await bench.passUntil(forgottenAt)
        for (const name of namesOf(event)) assert.equal(await knows(inbox, name), false, `${name}, forgotten`)
      }
      await bench.settled(inbox.close(), 'close')
      await assert.rejects(async () => inbox.knows?.(['acme:nobody']), { code: 'inbox_closed' })
    },
  ),
]
