import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BullmqInbox, bullmqInbox } from '@hookport/bullmq'
import type { Effect } from '../processes/effect-log.ts'
import type { Settings } from '../processes/settings.ts'
import { startTestProcess, type TestProcess } from './test-process.ts'

/** The application under test: web and worker processes around one queue, and the file that effects are written to. */
export interface Stack {
  readonly settings: Settings
  /** An inbox on the same queue, to look into it. */
  readonly inbox: BullmqInbox
  /** Processes that run now. */
  readonly processes: readonly TestProcess[]
  /** Answers the URL that it listens on. */
  startWeb(overrides?: Partial<Settings>): Promise<string>
  startWorker(overrides?: Partial<Settings>): Promise<TestProcess>
  effects(): Promise<Effect[]>
  /** Ends everything, whatever state it is in. */
  end(): Promise<void>
}

export async function startStack(redisUrl: string, { leaseMs }: { leaseMs: number }): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'hookport-faults-'))
  const settings: Settings = {
    REDIS_URL: redisUrl,
    QUEUE_NAME: `faults-${randomUUID()}`,
    LEASE_MS: String(leaseMs),
    EFFECTS: join(folder, 'effects'),
    POINTS: join(folder, 'points'),
  }
  await writeFile(settings.EFFECTS, '')
  await mkdir(settings.POINTS)
  const inbox = bullmqInbox({ connection: redisUrl, queueName: settings.QUEUE_NAME })
  const processes: TestProcess[] = []

  async function start(
    file: 'web.ts' | 'worker.ts',
    overrides: Partial<Settings> = {},
  ): Promise<TestProcess> {
    const started = await startTestProcess(file, { ...settings, ...overrides })
    processes.push(started)
    void started.ended.then(() => processes.splice(processes.indexOf(started), 1))
    return started
  }

  return {
    settings,
    inbox,
    processes,
    async startWeb(overrides) {
      return `http://127.0.0.1:${(await start('web.ts', overrides)).greeting.port}`
    },
    startWorker: (overrides) => start('worker.ts', overrides),
    async effects() {
      const lines = (await readFile(settings.EFFECTS, 'utf8')).split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
    },
    async end() {
      await Promise.all([...processes].map((running) => running.end()))
      await inbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
