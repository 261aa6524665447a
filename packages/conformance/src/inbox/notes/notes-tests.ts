import assert from 'node:assert/strict'
import type { Inbox, Notes } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'

function notesOf(inbox: Inbox): Notes {
  assert.ok(inbox.notes, 'the inbox has no notes: skip this test, and say why')
  return inbox.notes
}

/** Two instances, as two processes would have them. */
async function two(bench: Bench): Promise<[one: Notes, other: Notes]> {
  return [notesOf(await bench.open()), notesOf(await bench.open())]
}

/** @returns the version of the new note. */
async function written(notes: Notes, name: string, text: string): Promise<string> {
  assert.equal(await notes.write(name, text, (await notes.read(name))?.version), true)
  const note = await notes.read(name)
  assert.ok(note)
  return note.version
}

const name = 'place:acme@tenant_1.~x-2'

export const notesTests = [
  inboxTest('I190', 'MUST show a note of one process to all others', async (bench) => {
    const [one, other] = await two(bench)
    assert.equal(await one.read(name), undefined)
    const text = JSON.stringify({ words: 'ü € 🎈 \u2028 "\\" \n', none: '', deep: [{ page: 1 }] })
    const version = await written(one, name, text)
    assert.deepEqual({ ...(await other.read(name)) }, { name, text, version })
    assert.equal(await one.read(`${name}:more`), undefined)
    await written(other, name, '')
    assert.equal((await one.read(name))?.text, '')
  }),

  inboxTest('I191', 'MUST let exactly one of many writers write a note of one version', async (bench) => {
    const all = (await bench.openSeveral(4)).map(notesOf)
    for (const version of [undefined, await written(all[0] as Notes, 'there', 'first')]) {
      const target = version === undefined ? 'new' : 'there'
      const outcomes = await Promise.all(
        all.map((notes, index) => notes.write(target, `by ${index}`, version)),
      )
      assert.equal(outcomes.filter(Boolean).length, 1, target)
      for (const notes of all)
        assert.equal((await notes.read(target))?.text, `by ${outcomes.indexOf(true)}`, target)
    }
  }),

  inboxTest('I192', 'MUST NOT write a note whose version has changed, or that was removed', async (bench) => {
    const [one, other] = await two(bench)
    const first = await written(one, name, 'first')
    assert.equal(await other.write(name, 'another', undefined), false)
    assert.equal(await other.write(name, undefined, undefined), false)
    assert.equal(await other.write(`${name}:none`, undefined, undefined), true)
    const second = await written(other, name, 'second')
    assert.equal(await one.write(name, 'late', first), false)
    assert.equal(await one.write(name, undefined, first), false)
    assert.equal((await one.read(name))?.text, 'second')
    assert.equal(await one.write(name, undefined, second), true)
    assert.equal(await other.read(name), undefined)
    assert.equal(await other.write(name, 'late', second), false)
    const again = await written(other, name, 'second')
    assert.ok(![first, second].includes(again), 'a version came back')
    assert.equal(await one.write(name, undefined, second), false)
    assert.equal((await one.read(name))?.text, 'second')
  }),

  inboxTest('I193', 'MUST list the notes whose names begin with a prefix, in order', async (bench) => {
    const [one, other] = await two(bench)
    for (const named of ['b:2', 'a:1', 'b:10', 'b', 'b:1', 'bb:1', 'B:1', 'b.:1', 'c:1'])
      await written(one, named, `text of ${named}`)
    const names = async (prefix: string) => (await other.list(prefix)).map((note) => note.name)
    assert.deepEqual(await names('b:'), ['b:1', 'b:10', 'b:2'])
    assert.deepEqual(await names('d'), [])
    assert.deepEqual(await names('%'), [])
    assert.equal((await other.list('a:'))[0]?.text, 'text of a:1')
    assert.equal((await names('')).length, 9)
  }),

  inboxTest('I194', 'MUST give the lead in some work to one process at a time', async (bench) => {
    const all = (await bench.openSeveral(4)).map(notesOf)
    const leaseMs = 20 * bench.unitMs
    const outcomes = await Promise.all(
      all.map((notes, index) => notes.lead('work', `process ${index}`, leaseMs)),
    )
    assert.equal(outcomes.filter(Boolean).length, 1)
    const leader = `process ${outcomes.indexOf(true)}`
    assert.equal(await all[0]?.lead('work', 'newcomer', leaseMs), false)
    assert.equal(await all[1]?.lead('work', leader, leaseMs), true, 'the leader keeps the lead')
    assert.equal(await all[2]?.lead('other work', 'newcomer', leaseMs), true)
    await all[0]?.resign('work', 'newcomer')
    assert.equal(await all[0]?.lead('work', 'newcomer', leaseMs), false, 'another has resigned')
    await all[3]?.resign('work', leader)
    assert.equal(await all[0]?.lead('work', 'newcomer', leaseMs), true, 'the leader has resigned')
  }),

  inboxTest(
    'I195',
    'MUST give the lead to another once its lease has run out, and not before',
    async (bench) => {
      const [one, other] = await two(bench)
      await bench.withinWindow(async (windowMs) => {
        const work = `work of ${windowMs}`
        const from = bench.now()
        assert.equal(await one.lead(work, 'one', windowMs), true)
        await bench.passUntilJustBefore(from + windowMs)
        assert.equal(await other.lead(work, 'other', windowMs), false)
        const renewedAt = bench.now()
        assert.equal(await one.lead(work, 'one', windowMs), true)
        await bench.passUntilJustBefore(renewedAt + windowMs)
        assert.equal(await other.lead(work, 'other', windowMs), false, 'the lease was not renewed')
      })
      assert.equal(await other.lead('work', 'other', bench.unitMs), true)
      await bench.pass(2 * bench.unitMs)
      assert.equal(await one.lead('work', 'one', bench.unitMs), true)
      assert.equal(await other.lead('work', 'other', bench.unitMs), false, 'the old leader came back')
    },
  ),

  inboxTest('I196', 'MUST keep notes as long as events, and reject after close', async (bench) => {
    const inbox = await bench.open()
    await written(notesOf(inbox), name, 'kept')
    if (bench.durable) {
      await bench.settled(inbox.close(), 'close')
      assert.equal((await notesOf(await bench.open()).read(name))?.text, 'kept')
    } else await bench.settled(inbox.close(), 'close')
    const notes = notesOf(inbox)
    const calls: Record<keyof Notes, () => unknown> = {
      read: () => notes.read(name),
      list: () => notes.list(''),
      write: () => notes.write(name, 'late', undefined),
      lead: () => notes.lead('work', 'one', bench.unitMs),
      resign: () => notes.resign('work', 'one'),
    }
    for (const [what, call] of Object.entries(calls))
      await assert.rejects(async () => call(), { code: 'inbox_closed' }, what)
  }),
]
