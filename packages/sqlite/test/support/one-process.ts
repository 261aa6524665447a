import type { EventRecord } from '@hookport/core'
import type { TakeRequest, Taking } from '@hookport/core/inbox-kit'
import { consumingAll } from '@hookport/testkit/inbox/attempts'
import { onTestFinished } from 'vitest'
import { OneTaking } from '../../src/consume/taking.ts'
import { type OpenFile, openFile } from '../../src/open/open-file.ts'
import { putEvent } from '../../src/take-on/put-event.ts'
import { RoomInFile } from '../../src/take-on/room-in-file.ts'
import { machine } from './machine.ts'
import { rememberMs, temporaryFile, watchFile } from './test-inbox.ts'

export const leaseMs = 10_000

/** What a process that has handlers for all types asks for. */
export const takingAll: TakeRequest = {
  source: consumingAll.source,
  parking: consumingAll.parking,
  wanted: consumingAll.wanted(),
  running: new Set(),
  leaseMs,
  limit: 16,
  alone: false,
}

export const wantingNone: Partial<TakeRequest> = { wanted: { types: [], others: 'park' } }

/** A process with a file of its own, step by step. */
export function oneProcess() {
  const path = temporaryFile()
  const { time, process } = machine()
  const open = (): OpenFile => {
    const opened = openFile({ path, synchronous: 'normal', clock: process() })
    onTestFinished(() => opened.close())
    return opened
  }
  const file = open()
  const room = new RoomInFile({ path, maxBytes: Number.POSITIVE_INFINITY })

  function inTransaction<Result>(act: (file: OpenFile) => Result, by = file): Result {
    by.begin()
    const result = act(by)
    by.commit()
    return result
  }

  const take = (more: Partial<TakeRequest> = {}, parkedFirst = false, by = file): Taking =>
    inTransaction(() => new OneTaking(by, { ...takingAll, ...more }, by.now).take(parkedFirst), by)

  return {
    path,
    time,
    file,
    database: watchFile(path),
    /** The same file, as another process has it. */
    another: open,
    inTransaction,
    take,
    /** The ids of what it takes. */
    taken: (...asked: Parameters<typeof take>) => take(...asked).events.map(({ event }) => event.id),
    put: (...events: readonly EventRecord[]) =>
      inTransaction(() => {
        for (const event of events) putEvent(file, file.now, room, event, { rememberMs })
      }),
  }
}

/** What the file says is parked. */
export function parkedTotal({ database }: Pick<ReturnType<typeof oneProcess>, 'database'>) {
  return { ...database.prepare("SELECT events, bytes FROM parked WHERE source = 'acme'").get() }
}
