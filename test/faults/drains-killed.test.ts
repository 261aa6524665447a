import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { sematryxSecret, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { type DrainSettings, openStore, silentLogger } from './processes/drain-settings.ts'

const kills = process.env.TEST_ALL ? 20 : 5
const eventsEach = 25

interface Effect {
  readonly run: number
  readonly id: string
  readonly interruptions: number
}

async function startedPostgres(): Promise<string> {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  return server.url
}

test.each([
  ['SQLite', async () => join(temporaryFolder(), 'inbox.db')],
  ['Postgres', startedPostgres],
])(
  'drains over %s, each killed as its time is used: no event is lost, and only what was interrupted is handled twice',
  async (_, start) => {
    const settings = {
      store: await start(),
      effectsFile: join(temporaryFolder(), 'effects'),
      secret: sematryxSecret,
      leaseMs: 500,
      maxMs: 250,
      workMs: 15,
    }
    const { inbox, close } = await openStore(settings)
    onTestFinished(close)
    await inbox.counts()
    const receiver = sematryxReceiver({ secret: sematryxSecret, consume: false, logger: silentLogger, inbox })
    const sent: string[] = []
    for (let run = 0; run < kills; run++) {
      sent.push(...(await send(receiver.receive.bind(receiver), run)))
      expect(await drainAndDie({ ...settings, run })).toBe('SIGKILL')
    }
    const killed = effectsIn(settings.effectsFile)
    const unnoticed: string[] = []
    receiver.onAnyEvent(({ id }) => void unnoticed.push(id))
    const isDone = async () => {
      await receiver.drain({ maxMs: 5_000 })
      const { pending, active, scheduled, dead } = await inbox.counts()
      return pending + active + scheduled + dead
    }
    await expect.poll(isDone, { timeout: 60_000 }).toBe(0)

    expect(new Set([...killed.map(({ id }) => id), ...unnoticed])).toEqual(new Set(sent))
    expect(new Set(killed.map(({ run }) => run)).size, 'some drains had nothing to do').toBeGreaterThan(
      kills / 2,
    )
    const seen = new Set<string>()
    for (const { id, interruptions } of killed) {
      if (seen.has(id)) expect(interruptions, `${id} was handled again, uninterrupted`).toBeGreaterThan(0)
      seen.add(id)
    }
    expect(new Set(unnoticed).size).toBe(unnoticed.length)
    const again = killed.length + unnoticed.length - sent.length
    expect(again, 'more was handled again than drains had under work').toBeLessThanOrEqual(kills * 2 * 4)
  },
  240_000,
)

async function send(receive: Receive, run: number): Promise<string[]> {
  const ids = Array.from({ length: eventsEach }, (_, index) => `evt_${run}_${index}`)
  for (const id of ids) {
    const { method, headers, body } = signedSematryx({ id, created_at: new Date().toISOString() })
    const delivery = { method, url: '/', headers: new Headers(headers), readBody: () => body }
    expect(await receive(delivery)).toMatchObject({ status: 200 })
  }
  return ids
}

type Receive = ReturnType<typeof sematryxReceiver>['receive']

async function drainAndDie(settings: DrainSettings): Promise<NodeJS.Signals | null> {
  const child = fork(join(import.meta.dirname, 'processes/drain.ts'), [JSON.stringify(settings)], {
    execArgv: ['--conditions=@hookport/source', '--no-warnings'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [, signal] = await once(child, 'exit')
  return signal
}

function effectsIn(file: string): Effect[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
