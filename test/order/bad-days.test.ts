import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createReceiver, type Inbox, type Receiver } from '@hookport/core'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { describe, expect, test } from 'vitest'
import { deliveryOf, provider, type RunEvent } from './support/provider.ts'
import { kinds, openInbox, type StartedStore, startStore } from './support/stores.ts'
import { kill, linesOf, startWorker } from './support/workers.ts'

const patience = { timeout: 30_000, interval: 20 }

interface Scene {
  readonly store: StartedStore
  readonly inbox: Inbox
  /** Takes an event of the one run on, `at` seconds after the others. Tells whether it was. */
  send(id: string, at: number, more?: Partial<RunEvent>): Promise<boolean>
  /** A process that handles the events of the run in order, older ones not. */
  work(): ChildProcess
  /** What the processes have done, as `begin first 1`: the first process that was started is 1. */
  log(): string[]
}

/** A store, somebody who accepts, and processes that are ended with it. */
async function playing(kind: (typeof kinds)[number], play: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = temporaryFolder()
  const store = await startStore(kind, folder)
  const { inbox, close } = openInbox(store)
  const accepting: Receiver = createReceiver({
    provider,
    inbox,
    logger: false,
    consume: false,
    order: { by: (event: { data: RunEvent }) => event.data.run, older: 'skip' },
    maxAge: Number.POSITIVE_INFINITY,
  })
  const log = join(folder, 'log')
  const workers: ChildProcess[] = []
  try {
    await play({
      store,
      inbox,
      async send(id, at, more = {}) {
        const event: RunEvent = {
          id,
          type: 'run.progressed',
          run: 'run',
          at: 1_700_000_000_000 + at,
          ...more,
        }
        return (await accepting.receive(deliveryOf(event))).status === 200
      },
      work() {
        const settings = { store: { kind: store.kind, at: store.at }, log, handlers: ['save'], ordered: true }
        const worker = startWorker(settings)
        workers.push(worker)
        return worker
      },
      log: () =>
        linesOf(log).map(
          ({ what, id, process }) => `${what} ${id} ${1 + workers.findIndex(({ pid }) => pid === process)}`,
        ),
    })
  } finally {
    for (const worker of workers) await kill(worker)
    await accepting.stop()
    await inbox.close()
    await close()
    await store.stop()
  }
}

describe.each(kinds)('on %s', (kind) => {
  test(
    'a process that is frozen past its lease loses its order key: another goes on in order, and what the frozen one says when it wakes changes nothing',
    {
      timeout: 180_000,
    },
    () =>
      playing(kind, async ({ inbox, send, work, log }) => {
        const frozen = work()
        await send('first', 1, { takesMs: 1_000 })
        await expect.poll(log, patience).toEqual(['begin first 1'])
        frozen.kill('SIGSTOP')
        work()
        await send('second', 2)
        const inOrder = ['begin first 1', 'begin first 2', 'end first 2', 'begin second 2', 'end second 2']
        await expect.poll(log, patience).toEqual(inOrder)
        frozen.kill('SIGCONT')
        await expect.poll(log, patience).toEqual([...inOrder, 'end first 1'])
        await send('late', 1.5)
        await send('third', 3)
        const handled = async () => (await inbox.counts()).handled
        await expect.poll(handled, patience).toBe(4)
        expect(log().filter((line) => line.includes('late'))).toEqual([])
        expect((await inbox.get('acme:late'))?.progress.skipped).toEqual(['onAnyEvent:save'])
        expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0, scheduled: 0, dead: 0 })
      }),
  )

  test('the key of a process that is killed is free once its lease is over', { timeout: 180_000 }, () =>
    playing(kind, async ({ send, work, log }) => {
      const killed = work()
      await send('first', 1, { takesMs: 1_000 })
      await expect.poll(log, patience).toEqual(['begin first 1'])
      await send('second', 2)
      await kill(killed)
      work()
      const begunAt = performance.now()
      const inOrder = ['begin first 1', 'begin first 2', 'end first 2', 'begin second 2', 'end second 2']
      await expect.poll(log, patience).toEqual(inOrder)
      expect(performance.now() - begunAt).toBeLessThan(15_000)
    }),
  )
})

describe.each(['redis', 'postgres'] as const)('on %s', (kind) => {
  test(
    'a store that is killed and restarted while an order key is held costs neither the key nor the order',
    {
      timeout: 180_000,
    },
    () =>
      playing(kind, async ({ store: { server }, inbox, send, work, log }) => {
        work()
        await send('first', 1, { takesMs: 3_000 })
        await expect.poll(log, patience).toEqual(['begin first 1'])
        for (const [id, at] of [['third', 3] as const, ['second', 2] as const]) await send(id, at)
        await server?.kill()
        await server?.restart()
        await expect.poll(() => send('fourth', 4), patience).toBe(true)
        work()
        await expect.poll(async () => (await inbox.counts()).handled, patience).toBe(4)
        const order = log().map((line) => line.replace(/ \d$/, ''))
        const once = order.filter((line, at) => order.indexOf(line) === at)
        expect(once).toEqual(
          ['first', 'second', 'third', 'fourth'].flatMap((id) => [`begin ${id}`, `end ${id}`]),
        )
      }),
  )
})
