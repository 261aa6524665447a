import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReceiver } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { sematryx } from '@hookport/providers/sematryx'
import { sampleEvent, signDelivery } from '@hookport/sender'
import { sqliteInbox } from '@hookport/sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Flags } from '../src/flags/flags.ts'
import { unknownHandler } from '../src/inbox/known-handlers.ts'
import { replayAction } from '../src/inbox/replay.ts'
import { hookport, silentTerminal } from './support/run-command.ts'

const secret = 'your-webhook-secret'
let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookport-cli-'))
  path = join(folder, 'webhooks.db')
})

afterEach(() => rm(folder, { recursive: true }))

const inbox = (...args: string[]) => hookport(['inbox', ...args, '--sqlite', path])

function process(ran: string[]) {
  const receiver = createReceiver({
    logger: false,
    provider: sematryx({ secret }),
    inbox: sqliteInbox({ path }),
    keepHandledFor: 3_600_000,
  })
  receiver.onEvent('optimization.started', ({ id }) => void ran.push(`save ${id}`), { name: 'save' })
  receiver.onEvent('optimization.started', ({ id }) => void ran.push(`mail ${id}`), { name: 'mail' })
  return receiver
}

async function send(receiver: ReturnType<typeof process>, seed: number): Promise<void> {
  const event = sampleEvent('sematryx', 'optimization.started', { seed })
  const { headers, body } = signDelivery({ provider: 'sematryx', secret, event })
  await receiver.receive({ method: 'POST', url: '/', headers: new Headers(headers), readBody: () => body })
}

test('replay counts first, has one handler run again, and goes on under its name', async () => {
  const ran: string[] = []
  const first = process(ran)
  for (const seed of [1, 2, 3]) await send(first, seed)
  await first.idle()
  await first.stop()
  expect(await inbox('replay', '--dry-run', '--since', '1h')).toMatchObject({
    exitCode: 0,
    printed: '3 would be replayed',
  })
  expect(await inbox('replay', '--dry-run', '--until', '1h')).toMatchObject({
    printed: '0 would be replayed',
  })
  const named = ['replay', '--all', '--handler', 'mail', '--id', 'fix', '--per-second', '1000']
  expect(await inbox(...named, '--limit', '2')).toMatchObject({ exitCode: 0, printed: '2 replayed' })
  expect(await inbox(...named)).toMatchObject({ exitCode: 0, printed: '1 replayed' })
  const second = process(ran)
  await second.start().idle()
  await second.stop()
  expect(ran.filter((one) => one.startsWith('save'))).toHaveLength(3)
  expect(ran.filter((one) => one.startsWith('mail'))).toHaveLength(6)
  for (const flags of [[], ['--source', 'sematryx'], ['--handler', 'mail'], ['--id', 'another']])
    expect(await inbox('replay', ...flags)).toMatchObject({
      exitCode: 2,
      noted: expect.stringContaining('would handle every event again that is kept'),
    })
  expect(await inbox('replay', '--state', 'dead')).toMatchObject({ exitCode: 2 })
})

test('a replay that fails says how it goes on, as under another name it would begin anew', async () => {
  const ran: string[] = []
  const first = process(ran)
  for (const seed of [1, 2]) await send(first, seed)
  await first.idle()
  await first.stop()
  const kept = sqliteInbox({ path })
  let asked = 0
  const failing = inboxInFront(kept, {
    replay: (key, options) => {
      asked += 1
      if (asked === 2) throw new Error('the store is away')
      return kept.replay(key, options)
    },
  })
  const noted: string[] = []
  const terminal = { ...silentTerminal, note: (line: string) => void noted.push(line) }
  const flags = new Flags(new Map([['all', ['']]]))
  const replaying = replayAction({ inbox: failing, flags, operands: [], terminal })
  await expect(replaying).rejects.toThrow('the store is away')
  await kept.close()
  const [, rest = ''] =
    /^it failed: the same command with (.+) continues from here$/.exec(noted[1] ?? '') ?? []
  expect(await inbox('replay', '--all', ...rest.split(' '))).toMatchObject({ printed: '1 replayed' })
})

test('a replay that was cut off takes, as it goes on, what it was for: nothing that was handled since, and all since the time that was meant', async () => {
  const first = process([])
  for (const seed of [1, 2, 3]) await send(first, seed)
  await first.idle()
  const ending = new AbortController()
  const command = ['inbox', 'replay', '--since', '1h', '--limit', '3', '--per-second', '1', '--sqlite', path]
  const cutOff = await hookport(command, { progress: () => ending.abort(), signal: ending.signal })
  expect(cutOff).toMatchObject({ exitCode: 1, printed: '1 replayed' })
  const [toldFirst, toldLast] = cutOff.noted
    .split('\n')
    .map((line) => / with (--id .+) continues/.exec(line)?.[1])
  expect(toldLast).toMatch(/^--id \S+ --since \S+Z --until \S+Z --limit 2$/)
  expect(toldFirst).toBe(toldLast?.replace('--limit 2', '--limit 3'))
  await send(first, 4)
  await first.idle()
  await first.stop()
  const rest = await hookport([...command.slice(0, 6), ...(toldFirst?.split(' ') ?? []), '--sqlite', path])
  expect(rest).toMatchObject({ exitCode: 0, printed: '2 replayed' })
})

test('where no handled event is kept, a replay says which option keeps them; where none is of the time, it does not', async () => {
  const first = process([])
  await first.health()
  const replay = ['replay', '--until', '1h']
  const hint = expect.stringContaining('keepHandledFor')
  expect(await inbox(...replay, '--dry-run')).toMatchObject({ printed: '0 would be replayed', noted: hint })
  expect(await inbox(...replay)).toMatchObject({ exitCode: 0, printed: '0 replayed', noted: hint })
  await send(first, 1)
  await first.idle()
  await first.stop()
  expect(await inbox(...replay, '--dry-run')).toMatchObject({ printed: '0 would be replayed', noted: '' })
})

test('a replay goes on although more is handled by then than it has counted', async () => {
  const first = process([])
  for (const seed of [1, 2]) await send(first, seed)
  await first.idle()
  await first.stop()
  const kept = sqliteInbox({ path })
  let asked = 0
  const filling = inboxInFront(kept, {
    list: async (filter) => {
      const page = await kept.list(filter)
      if (filter?.state !== 'handled' || ++asked > 1) return page
      return { items: page.items.slice(0, 1) } // the other one still waits as they are counted
    },
  })
  const printed: string[] = []
  const bars: string[] = []
  const terminal = {
    ...silentTerminal,
    print: (line: string) => void printed.push(line),
    progress: (line: string) => void bars.push(line),
  }
  const flags = new Flags(new Map([['all', ['']]]))
  expect(await replayAction({ inbox: filling, flags, operands: [], terminal })).toBe(0)
  await kept.close()
  expect(printed).toEqual(['2 replayed'])
  expect(bars).toContain(`[${'#'.repeat(30)}] 2 of 2 replayed`)
})

test.each(['48', '2', '7 d', '1 hour', '20.11.2026', 'Nov 20', '2026'])(
  'a time of %j is refused: a forgotten unit would replay everything',
  async (time) => {
    await process([]).stop()
    const refused = await inbox('replay', '--since', time)
    expect(refused).toMatchObject({ exitCode: 2, noted: expect.stringContaining('expected a time like') })
  },
)

test.each([['replay'], ['list'], ['redrive', '--all']])(
  '%s of times that are the wrong way round is refused',
  async (...action) => {
    await process([]).stop()
    const refused = await inbox(...action, '--since', '1h', '--until', '2h')
    expect(refused).toMatchObject({
      exitCode: 2,
      noted: expect.stringContaining('--since is not before --until'),
    })
    const noon = '2026-01-01T12:00:00Z'
    expect(await inbox(...action, '--since', noon, '--until', noon)).toMatchObject({ exitCode: 2 })
    expect(await inbox(...action, '--since', '2h', '--until', '1h')).toMatchObject({ exitCode: 0 })
  },
)

test.each(['48h', '2026-11-20', '2026-11-20T06:00Z', '2026-11-20 06:00', '2026-11-20T06:00:00.5+01:00'])(
  'a time of %j is understood',
  async (time) => {
    await process([]).stop()
    expect(await inbox('replay', '--since', time)).toMatchObject({ exitCode: 0 })
  },
)

test('pause is seen by a process that starts later, and stands in counts; resume ends it', async () => {
  const reason = 'the plans are\u001b[31m being repaired'
  await process([]).stop() // makes the file
  expect(await inbox('pause', '--source', 'sematryx', '--reason', reason)).toMatchObject({ exitCode: 0 })
  const ran: string[] = []
  const receiver = process(ran)
  await send(receiver, 1)
  await receiver.idle()
  expect(ran).toEqual([])
  const counts = await inbox('counts')
  expect(counts.printed).toMatch(/pending +1/)
  expect(counts.printed).toMatch(/paused: sematryx since 20\d\d-.*: the plans are\ufffd\[31m being repaired/)
  expect(JSON.parse((await inbox('counts', '--json')).printed).paused).toMatchObject([
    { source: 'sematryx', reason },
  ])
  await receiver.stop()
  expect(await inbox('resume', '--source', 'sematryx')).toMatchObject({ exitCode: 0 })
  expect((await inbox('counts')).printed).not.toContain('paused')
  const later = process(ran)
  await later.start().idle()
  await later.stop()
  expect(ran).toHaveLength(2)
})

test('pause wants a reason and a receiver', async () => {
  await process([]).stop()
  expect(await inbox('pause', '--source', 'sematryx')).toMatchObject({ exitCode: 2 })
  expect(await inbox('pause', '--reason', 'because')).toMatchObject({ exitCode: 2 })
})

test('a handler that nobody is known to have is paused and resumed, and said to be unknown', async () => {
  const first = process([])
  await send(first, 1)
  await first.idle()
  await first.stop()
  const ofSource = ['--source', 'sematryx', '--handler']
  const pausing = await inbox('pause', ...ofSource, 'sav', '--reason', 'wrong')
  expect(pausing).toMatchObject({ exitCode: 0, printed: 'paused: every process sees it within 5 s' })
  expect(pausing.noted).toBe(
    'no handler called "sav" is known (kept events name: mail, save): it is paused anyway, for when it comes. inbox resume undoes that',
  )
  expect(await inbox('pause', ...ofSource, 'save', '--reason', 'ri\u001bght')).toMatchObject({ noted: '' })
  expect(await inbox('resume', ...ofSource, 'safe')).toMatchObject({
    exitCode: 0,
    printed: 'nothing to resume: safe was not paused',
    noted: 'still paused: sav: wrong\nstill paused: save: ri\ufffdght',
  })
  expect(await inbox('resume', ...ofSource, 'sav')).toMatchObject({
    printed: 'resumed: every process sees it within 5 s',
  })
})

test('a replay for a handler that nobody is known to have is refused without --yes, as its events would wait until they are discarded', async () => {
  const first = process([])
  await send(first, 1)
  await first.idle()
  await first.stop()
  const replay = (handler: string, ...flags: string[]) =>
    inbox('replay', '--all', '--source', 'sematryx', '--handler', handler, ...flags)
  const known = 'no handler called "mai" is known (kept events name: mail, save)'
  expect(await replay('mai')).toMatchObject({
    exitCode: 2,
    printed: '',
    noted: expect.stringMatching(/known .*blocks its order key\. Give --yes if it is new/),
  })
  const looking = await replay('mai', '--dry-run')
  expect(looking).toMatchObject({ exitCode: 0, printed: '1 would be replayed' })
  expect(looking.noted).toContain(known)
  expect(await replay('mail', '--dry-run')).toMatchObject({ noted: '' })
  const meant = await replay('mai', '--yes')
  expect(meant).toMatchObject({ exitCode: 0, printed: '1 replayed' })
  expect(meant.noted).toContain(known)
})

test('a handler is known that the store finds only behind the events of other receivers', async () => {
  const first = process([])
  await send(first, 1)
  await first.idle()
  await first.stop()
  const kept = sqliteInbox({ path })
  const list: typeof kept.list = async ({ cursor, ...filter } = {}) =>
    cursor === undefined ? { items: [], cursor: 'further on' } : kept.list(filter)
  const behind = inboxInFront(kept, { list })
  expect(await unknownHandler('mail', { inbox: behind, source: 'sematryx' })).toBe(undefined)
  await kept.close()
})

test('a receiver of which no event is kept is paused, and said to be unknown', async () => {
  await process([]).stop()
  const pausing = await inbox('pause', '--source', 'sematrix', '--reason', 'wrong')
  expect(pausing).toMatchObject({
    exitCode: 0,
    noted: 'no event of a receiver sematrix is kept: is that its name?',
  })
})

test('a reason that is none, and a pace that is none, are mistakes of usage', async () => {
  await process([]).stop()
  expect(await inbox('pause', '--source', 'sematryx', '--reason', '')).toMatchObject({
    exitCode: 2,
    noted: expect.stringContaining('pause: reason must be a text'),
  })
  expect(await inbox('replay', '--all', '--id', '')).toMatchObject({ exitCode: 2 })
})
