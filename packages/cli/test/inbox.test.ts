import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { bullmqInbox } from '@hookport/bullmq'
import { createReceiver, type Inbox, PermanentError, RetryLater } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { postgresInbox } from '@hookport/postgres'
import { sematryx } from '@hookport/providers/sematryx'
import { sampleEvent, signDelivery } from '@hookport/sender'
import { sqliteInbox } from '@hookport/sqlite'
import { deliver } from '@hookport/testing'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hookport } from './support/run-command.ts'

const secret = 'your-webhook-secret'
const hour = 60 * 60 * 1000

/** Leaves three events in an inbox whose handlers have failed, dead letters unless told otherwise, one of another type, and closes it. */
async function leaveDeadLetters(
  inbox: Inbox,
  failure: Error = new PermanentError('no such\noptimization \u001b[31m'),
): Promise<string[]> {
  const receiver = createReceiver({ logger: false, provider: sematryx({ secret }), inbox })
  receiver.onAnyEvent(() => {
    throw failure
  })
  for (const [seed, type] of ['optimization.failed', 'optimization.failed', 'context.updated'].entries()) {
    const { headers, body } = signDelivery({
      provider: 'sematryx',
      secret,
      event: sampleEvent('sematryx', type, { seed }),
    })
    await receiver.receive({ method: 'POST', url: '/', headers: new Headers(headers), readBody: () => body })
  }
  await receiver.idle()
  const { items } = await inbox.list({ type: 'optimization.failed' })
  await receiver.stop()
  return items.map(({ key }) => key)
}

describe.each(['sqlite', 'redis', 'postgres'] as const)('--%s', (kind) => {
  let folder: string
  let redis: RedisServer | undefined
  let postgres: PostgresServer | undefined
  let at: string[]
  let keys: string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hookport-cli-'))
    if (kind === 'redis') redis = await startRedis()
    const path = join(folder, 'webhooks.db')
    if (kind === 'postgres') {
      postgres = await startPostgres()
      const pool = new pg.Pool({ connectionString: postgres.url })
      at = ['--postgres', postgres.url]
      keys = await leaveDeadLetters(postgresInbox({ pool }))
      await pool.end()
      return
    }
    at = redis ? ['--redis', redis.url] : ['--sqlite', path]
    keys = await leaveDeadLetters(redis ? bullmqInbox({ connection: redis.url }) : sqliteInbox({ path }))
  }, 60_000)

  afterAll(async () => {
    await redis?.stop()
    await postgres?.stop()
    await rm(folder, { recursive: true })
  })

  const inbox = (...args: string[]) => hookport(['inbox', ...args, ...at])
  const questions: string[] = []
  /** The same, at a terminal where a person answers. */
  const asked = (answer: boolean, ...args: string[]) => {
    questions.length = 0
    const confirm = async (question: string) => {
      questions.push(question)
      return answer
    }
    return hookport(['inbox', ...args, ...at], { confirm })
  }
  const listed = async (...flags: string[]) => {
    const { printed } = await inbox('list', '--json', ...flags)
    return printed === '' ? [] : printed.split('\n').map((line) => JSON.parse(line).type)
  }

  test('counts', async () => {
    expect(JSON.parse((await inbox('counts', '--json')).printed)).toEqual({ ...emptyCounts, dead: 3 })
    expect((await inbox('counts')).printed).toMatch(/^dead +3$/m)
  })

  test('list: filtered by state, type, source and time', async () => {
    expect(await listed()).toHaveLength(3)
    expect(await listed('--type', 'context.updated')).toEqual(['context.updated'])
    expect(await listed('--state', 'pending')).toEqual([])
    expect(await listed('--state', 'dead', '--source', 'sematryx', '--since', '1h')).toHaveLength(3)
    expect(await listed('--until', '1h')).toEqual([])
    expect(await listed('--since', new Date(Date.now() + hour).toISOString())).toEqual([])
    expect(await listed('--limit', '2')).toHaveLength(2)
  })

  test.each([[[]], [['--json']]])('list: that there are more is said, and only then: %j', async (how) => {
    expect((await inbox('list', '--limit', '2', ...how)).noted).toBe('Only 2 are shown: --limit shows more')
    expect((await inbox('list', '--limit', '3', ...how)).noted).toBe('')
  })

  test('list: a table, in which nothing steers the terminal', async () => {
    const { printed } = await inbox('list')
    expect(printed).toMatch(/^received +state +attempt +type +key +failure$/m)
    expect(printed).toContain(keys[0])
    expect(printed).toContain('no such optimization')
    expect(printed).not.toContain('\u001b')
  })

  test('show: the event, its failures and its body', async () => {
    const [key = ''] = keys
    const { printed, exitCode } = await inbox('show', key)
    expect(printed).toContain('permanent_failure')
    expect(exitCode).toBe(0)
    const { printed: body } = await inbox('show', key, '--body')
    expect(JSON.parse(body)).toMatchObject({ type: 'optimization.failed' })
  })

  test('show: no such event is exit code 1', async () => {
    expect(await inbox('show', 'sematryx:none')).toMatchObject({ exitCode: 1 })
  })

  test('redrive, then discard: of a key, of all that are dead, and of what is not there', async () => {
    const [first = ''] = keys
    expect(await inbox('redrive', first)).toMatchObject({ exitCode: 0, printed: '1 redriven' })
    expect(await inbox('redrive', first)).toMatchObject({ exitCode: 1, printed: '0 redriven' })
    expect(await listed('--state', 'pending')).toEqual(['optimization.failed'])

    const redriven = await inbox('redrive', '--all', '--type', 'optimization.failed', '--json')
    expect(JSON.parse(redriven.printed).redriven).toEqual([keys[1]])
    expect(await listed('--state', 'dead')).toEqual(['context.updated'])

    expect(await inbox('discard', first)).toMatchObject({ exitCode: 0 })
    expect(await inbox('discard', '--all')).toMatchObject({ exitCode: 2, printed: '' })
    expect(await asked(false, 'discard', '--all')).toMatchObject({
      exitCode: 1,
      noted: 'nothing was discarded',
    })
    expect(questions).toEqual(["Discard 1 dead letters? This can't be undone"])
    expect(await asked(true, 'discard', '--all')).toMatchObject({ exitCode: 0, printed: '1 discarded' })
    expect(await listed()).toEqual(['optimization.failed'])
  })

  test('backup: a whole inbox of its own, which no second one overwrites; of Redis and Postgres a usage error', async () => {
    const copy = join(folder, 'copy.db')
    if (kind !== 'sqlite') {
      expect(await inbox('backup', copy)).toMatchObject({
        exitCode: 2,
        noted: expect.stringContaining('BGSAVE'),
      })
      return
    }
    expect(await inbox('backup', copy)).toMatchObject({ exitCode: 0, printed: `written: ${copy}` })
    expect(await hookport(['inbox', 'counts', '--sqlite', copy])).toMatchObject({
      printed: (await inbox('counts')).printed,
    })
    expect(await inbox('backup', copy)).toMatchObject({
      exitCode: 3,
      noted: expect.stringContaining('exists'),
    })
    expect(await inbox('backup')).toMatchObject({ exitCode: 2 })
  })

  test('redrive without keys is a usage error: nothing happens by accident', async () => {
    expect(await inbox('redrive')).toMatchObject({ exitCode: 2 })
    expect(await inbox('discard', '--all', '--state', 'pending')).toMatchObject({ exitCode: 2 })
  })
})

test('a SQLite file that is not there is not made: exit code 3', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'misspelt.db')
  const ran = await hookport(['inbox', 'counts', '--sqlite', path])
  expect(ran).toMatchObject({ exitCode: 3, noted: expect.stringContaining('there is no such file') })
  expect(await readdir(folder)).toEqual([])
})

test('an empty file is no inbox, and stays empty', async () => {
  const path = join(temporaryFolder(), 'empty.db')
  await writeFile(path, '')
  const ran = await hookport(['inbox', 'counts', '--sqlite', path])
  expect(ran).toMatchObject({ exitCode: 3, noted: expect.stringContaining('the file is empty') })
  expect((await stat(path)).size).toBe(0)
})

test('--application: of several on one Redis, the one whose events are meant; where there are none, it is told what names another', async () => {
  const redis = await startRedis()
  try {
    await leaveDeadLetters(bullmqInbox({ connection: redis.url, application: 'shop' }))
    const dead = async (...flags: string[]) => {
      const { printed, noted } = await hookport(['inbox', 'counts', '--json', '--redis', redis.url, ...flags])
      return { dead: JSON.parse(printed).dead, noted }
    }
    expect(await dead('--application', 'shop')).toEqual({ dead: 3, noted: '' })
    const noted = expect.stringContaining('Another may be meant: --application, --prefix')
    expect(await dead()).toEqual({ dead: 0, noted })
    expect(await dead('--application', 'shop', '--prefix', 'misspelt')).toEqual({ dead: 0, noted })
  } finally {
    await redis.stop()
  }
})

test('discard --all: a dead letter that is redriven while a person is asked is kept', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const [first = ''] = await leaveDeadLetters(sqliteInbox({ path }))
  const inbox = (args: string[], changes = {}) => hookport(['inbox', ...args, '--sqlite', path], changes)
  const confirm = async () => {
    await inbox(['redrive', first])
    return true
  }
  expect(await inbox(['discard', '--all'], { confirm })).toMatchObject({
    exitCode: 1,
    printed: '2 discarded',
  })
  expect(JSON.parse((await inbox(['list', '--json'])).printed)).toMatchObject({
    key: first,
    state: 'pending',
  })
})

test('discard --all: where the store fails on the way, it says how much was done before', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  await leaveDeadLetters(sqliteInbox({ path }))
  const confirm = async () => {
    const file = new DatabaseSync(path)
    file.exec(`create trigger one_only before delete on events when (select count(*) from events) = 2
      begin select raise(abort, 'no more'); end`)
    file.close()
    return true
  }
  const ran = await hookport(['inbox', 'discard', '--all', '--sqlite', path], { confirm })
  expect([ran.exitCode, ran.noted]).toEqual([3, expect.stringMatching(/^1 of 3 discarded before sematryx:/)])
})

test('redrive --all: where it is interrupted, it says how many it has left', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  await leaveDeadLetters(sqliteInbox({ path }))
  const ending = new AbortController()
  const ran = await hookport(['inbox', 'redrive', '--all', '--sqlite', path], {
    signal: ending.signal,
    progress: () => ending.abort(),
  })
  expect(ran).toEqual({
    exitCode: 1,
    printed: '1 redriven',
    noted: 'interrupted: 2 of 3 are left as they were',
  })
})

test('a file of SQLite that can’t be used is exit code 3: the command line is not wrong', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  await writeFile(path, 'this is no database, and long enough to be taken for one'.repeat(9))
  const ran = await hookport(['inbox', 'counts', '--sqlite', path])
  expect(ran).toMatchObject({
    exitCode: 3,
    noted: expect.stringMatching(/is not a SQLite database: name another file$/),
  })
})

test('show: each attempt of each handler, the oldest first', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const clock = manualClock()
  const receiver = createReceiver({
    provider: sematryx({ secret }),
    inbox: sqliteInbox({ path, clock }),
    clock,
    logger: false,
    retry: { attempts: 2 },
  })
  receiver.onAnyEvent(
    (_, { attempt }) => {
      throw new Error(`the ERP is away \u001b[31m${attempt}`)
    },
    { name: 'erp' },
  )
  receiver.onAnyEvent(() => {}, { name: 'mail' })
  const { key } = await deliver(receiver, { type: 'optimization.failed' })
  await receiver.idle()
  await clock.advance(60 * 60_000)
  await receiver.idle()
  await receiver.stop()
  const { printed } = await hookport(['inbox', 'show', key, '--sqlite', path])
  expect(printed).not.toContain('\u001b')
  const lines = printed.split('\n')
  const from = lines.indexOf('attempts') + 1
  expect(lines.slice(from, lines.indexOf('failures')).map((line) => line.slice(27))).toEqual([
    expect.stringMatching(/^onAnyEvent:erp: failed after \d+ ms: the ERP is away .*1$/),
    expect.stringMatching(/^onAnyEvent:mail: completed after \d+ ms$/),
    expect.stringMatching(/^onAnyEvent:erp: abandoned after \d+ ms: the ERP is away .*2$/),
  ])
})

test('show: an event that waits until after the last instant there is', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const [key = ''] = await leaveDeadLetters(sqliteInbox({ path }), new RetryLater(Number.MAX_VALUE))
  const { exitCode, printed } = await hookport(['inbox', 'show', key, '--sqlite', path])
  expect([exitCode, printed]).toEqual([0, expect.stringContaining('scheduled, due after all time')])
})

test('a Postgres without an inbox gets none: exit code 3', async () => {
  const postgres = await startPostgres()
  try {
    const args = ['inbox', 'counts', '--postgres', postgres.url, '--schema', 'misspelt']
    expect(await hookport(args)).toMatchObject({
      exitCode: 3,
      noted: expect.stringContaining('no inbox in the schema misspelt'),
    })
    const pool = new pg.Pool({ connectionString: postgres.url })
    const { rows } = await pool.query("SELECT FROM pg_namespace WHERE nspname IN ('misspelt', 'hookport')")
    expect(rows).toEqual([])
    await pool.end()
  } finally {
    await postgres.stop()
  }
}, 60_000)

test.each(['Webhooks', 'select'])(
  '--schema: a name that Postgres wants in quotes is found: %s',
  async (schema) => {
    const postgres = await startPostgres()
    const pool = new pg.Pool({ connectionString: postgres.url })
    try {
      await leaveDeadLetters(postgresInbox({ pool, schema }))
      const args = ['inbox', 'counts', '--json', '--postgres', postgres.url, '--schema', schema]
      expect(JSON.parse((await hookport(args)).printed).dead).toBe(3)
      const others =
        "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
      const areLeft = async () => (await pool.query(others)).rows.length
      const soon = { timeout: 4_000 } // a pool that is not ended keeps a connection for ten seconds, and its process as long
      await expect.poll(areLeft, soon).toBe(pool.totalCount - 1)
    } finally {
      await pool.end()
      await postgres.stop()
    }
  },
  60_000,
)

test.each([
  ['nope', 2, 'expected a URL, postgres://'],
  ['redis://:secret@localhost', 2, 'expected a URL, postgres://'],
  ['postgres://shop:secret@[::1', 2, "the URL can't be read"],
])('--postgres %s is told of by its flag, without a password', async (url, exitCode, says) => {
  const told = await hookport(['inbox', 'counts', '--postgres', url])
  expect(told).toMatchObject({ exitCode, noted: expect.stringContaining(`--postgres: ${says}`) })
  expect(told.noted).not.toContain('secret')
})

test.each([
  ['', 2, '--sqlite is empty: is the environment variable'],
  [tmpdir(), 3, 'this is a folder'],
])('--sqlite %j is told of as what it is', async (path, exitCode, says) => {
  const told = await hookport(['inbox', 'counts', '--sqlite', path])
  expect(told).toMatchObject({ exitCode, noted: expect.stringContaining(says) })
})

test('further lines of a failure begin where no line of the command does', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const forged = new PermanentError('no such customer\nfailures\n  2026-01-01T00:00:00.000Z forged')
  const [key = ''] = await leaveDeadLetters(sqliteInbox({ path }), forged)
  const { printed } = await hookport(['inbox', 'show', key, '--sqlite', path])
  expect(printed.match(/^failures$/gm)).toHaveLength(1)
  expect(printed).toContain('no such customer\n    failures\n      2026-01-01')
})

test('a Redis that does not answer: exit code 3', async () => {
  expect(await hookport(['inbox', 'counts', '--redis', 'redis://127.0.0.1:9'])).toMatchObject({ exitCode: 3 })
})

test('a command that is left open makes no new file in place of one that was deleted, as for a restore', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  await leaveDeadLetters(sqliteInbox({ path }))
  const ending = new AbortController()
  const [lines, notes]: [string[], string[]] = [[], []]
  await hookport(['inbox', 'watch', '--sqlite', path, '--every', '0.2'], {
    signal: ending.signal,
    print: (line) => {
      if (lines.push(line) > 1) ending.abort()
      for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
    },
    note: (line) => {
      notes.push(line)
      ending.abort()
    },
  })
  expect(notes).toEqual([expect.stringContaining(`${path} was deleted or renamed; trying again`)])
  expect(existsSync(path)).toBe(false)
})

test.each([
  [['counts', '--source', ''], '--source is empty: is the environment variable'],
  [['redrive', '--all', '--tenant', ''], '--tenant is empty'],
  [['list', '--type', ''], '--type is empty'],
  [['pause', '--source', '', '--reason', 'a repair'], '--source is empty'],
  [['pause', '--source', 'My_Shop', '--reason', 'a repair'], '--source My_Shop: the name of a receiver has'],
])('a name that can not be selects nothing, and is an error: %j', async (args, complaint) => {
  const path = join(temporaryFolder(), 'webhooks.db')
  await sqliteInbox({ path }).close()
  expect(await hookport(['inbox', ...args, '--sqlite', path])).toMatchObject({
    exitCode: 2,
    printed: '',
    noted: expect.stringContaining(complaint),
  })
})

test('counts: those of the expectations of a receiver, which have a source of their own', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const inbox = sqliteInbox({ path })
  const receiver = createReceiver({ provider: sematryx({ secret }), inbox, logger: false, consume: false })
  await receiver.expect('opt_1', { within: 60_000 })
  await receiver.stop()
  const args = ['inbox', 'counts', '--sqlite', path, '--json', '--source', 'sematryx.expected']
  expect(JSON.parse((await hookport(args)).printed)).toMatchObject({ pending: 1 })
})

describe('a flag that would be ignored is an error, before a store is opened', () => {
  test.each([
    [['redrive', '--all', '--dry-run'], 'inbox redrive does not take --dry-run. It takes --source, '],
    [['discard', '--all', '--yes', '--dry-run'], 'inbox discard does not take --dry-run'],
    [['discard', '--all', '--yes', '--limit', '1'], 'inbox discard does not take --limit'],
    [['counts', '--state', 'dead'], 'inbox counts does not take --state. It takes --source, --tenant'],
    [['show', 'k', '--source', 's'], 'inbox show does not take --source'],
    [
      ['backup', 'copy.db', '--all'],
      'inbox backup does not take --all. It takes no flags but those of the store',
    ],
    [['counts', '--schema', 'x'], '--schema goes with --postgres, not with --sqlite'],
    [['counts', '--application', 'x'], '--application goes with --redis or --postgres, not with --sqlite'],
  ])('%j', async (args, complaint) => {
    expect(await hookport(['inbox', ...args, '--sqlite', '/no/such/file'])).toMatchObject({
      exitCode: 2,
      printed: '',
      noted: expect.stringContaining(complaint),
    })
  })

  test('redrive and discard of keys take no filter: it would not be looked at', async () => {
    const path = join(temporaryFolder(), 'webhooks.db')
    const [key = ''] = await leaveDeadLetters(sqliteInbox({ path }))
    for (const action of ['redrive', 'discard'])
      expect(await hookport(['inbox', action, key, '--type', 'other', '--sqlite', path])).toMatchObject({
        exitCode: 2,
        noted: expect.stringContaining(
          '--type selects among all dead letters: give it with --all, and no keys',
        ),
      })
  })
})
