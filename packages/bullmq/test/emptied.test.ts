import { noProgress } from '@hookport/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 15_000 }
const accepted = { outcome: 'accepted' }

/** Warnings of the process. */
function warnings(): string[] {
  const heard: string[] = []
  const listen = ({ message }: Error) => heard.push(message)
  process.on('warning', listen)
  onTestFinished(() => void process.off('warning', listen))
  return heard
}

test('a Redis that was emptied is told: what was accepted is lost, and what comes is kept and handled', async () => {
  const inbox = bench.open()
  const consuming = consume(inbox)
  const { consumer, lines } = consuming
  await inbox.put(sampleEvent({ id: 'before' }), remember)
  await vi.waitFor(() => expect(consuming.ids).toEqual(['before']), patience)
  await consumer.idle()
  expect(lines).toEqual([])
  await bench.redis.flushall()
  expect(await inbox.put(sampleEvent({ id: 'after' }), remember)).toEqual(accepted)
  expect(lines[0]).toMatchObject({
    level: 'error',
    message: expect.stringMatching(/is gone from Redis .*FLUSHALL.* are lost/),
    details: { prefix: bench.prefix },
  })
  await vi.waitFor(() => expect(consuming.ids).toEqual(['before', 'after']), patience)
})

test('a process that handles nothing tells it as a warning, once though several calls meet it; a Redis that was empty from the beginning is no news', async () => {
  const heard = warnings()
  const inbox = bench.open()
  await inbox.put(sampleEvent({ id: 'before' }), remember)
  await inbox.put(sampleEvent({ id: 'next' }), remember)
  expect(heard).toEqual([])
  await bench.redis.flushall()
  const calls = [inbox.put(sampleEvent({ id: 'after' }), remember), inbox.counts(), inbox.get('another')]
  expect(await Promise.all(calls)).toMatchObject([accepted, {}, undefined])
  expect(await inbox.put(sampleEvent({ id: 'later' }), remember)).toEqual(accepted)
  await vi.waitFor(() => expect(heard).toEqual([expect.stringContaining('is gone from Redis')]), patience)
})

test('an obliterate of BullMQ is told once, with the next event, which is kept and handled; a new source and one whose jobs were removed are no news', async () => {
  const heard = warnings()
  const inbox = bench.open()
  for (const id of ['one', 'two']) await inbox.put(sampleEvent({ id }), remember)
  const queue = inbox.queue('sematryx')
  await queue.drain()
  await inbox.put(sampleEvent({ id: 'three' }), remember)
  await inbox.put(sampleEvent({ id: 'other', source: 'jaot' }), remember)
  await queue.obliterate()
  expect(heard).toEqual([])
  for (const id of ['four', 'five']) expect(await inbox.put(sampleEvent({ id }), remember)).toEqual(accepted)
  await vi.waitFor(
    () =>
      expect(heard).toEqual([expect.stringMatching(/webhooks-sematryx was emptied .*obliterate.* are lost/)]),
    patience,
  )
  const consuming = consume(inbox)
  await vi.waitFor(() => expect(consuming.ids).toEqual(['four', 'five']), patience)
})

test('that the first event of a source was handled before its reply and buried, or put while a lease was on it, is no news either', async () => {
  const heard = warnings()
  const inbox = bench.open()
  const buried = sampleEvent()
  const first = await inbox.claim(buried, { ...remember, leaseMs: 5_000 })
  if (first.outcome !== 'claimed') expect.unreachable()
  await inbox.bury(first.lease, buried, { ...remember, progress: noProgress, failures: [sampleFailure] })
  expect(await inbox.put(sampleEvent(), remember)).toEqual(accepted)
  const aliases = ['run:1']
  await inbox.claim(sampleEvent({ source: 'jaot', aliases }), { ...remember, leaseMs: 5_000 })
  const found = sampleEvent({ source: 'jaot', id: 'found', origin: 'reconciled', aliases })
  expect(await inbox.put(found, remember)).toMatchObject({ outcome: 'in_progress' })
  expect(await inbox.put(sampleEvent({ source: 'jaot' }), remember)).toEqual(accepted)
  await new Promise(setImmediate)
  expect(heard).toEqual([])
})
