import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteInbox } from '@hookport/sqlite'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import type { Task } from './support/putting-process.ts'

/** A process that does what it is told with the events of a file. */
async function puttingProcess(path: string) {
  const child = fork(join(import.meta.dirname, 'support/putting-process.ts'), [path], {
    execArgv: ['--conditions=@hookport/source', '--no-warnings'],
  })
  const gone = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(kill)
  await once(child, 'message')
  async function tell(action: Task['action'], ids: readonly string[]): Promise<unknown> {
    child.send({ action, ids } satisfies Task)
    const [answer] = await once(child, 'message')
    return answer
  }
  return { kill, tell }
}

test('where the log alone was removed, a process that still has the old one does no damage to what another stores', {
  timeout: 30_000,
}, async () => {
  const path = join(temporaryFolder(), 'inbox.db')
  const [one, other] = [await puttingProcess(path), await puttingProcess(path)]
  const before = Array.from({ length: 20 }, (_, index) => `before ${index}`)
  expect(await one.tell('put', before)).toBe('stored')
  expect(await other.tell('put', ['other'])).toBe('stored')
  rmSync(`${path}-wal`)
  const stored = ['other']
  for (let turn = 0; turn < 10; turn++) {
    const id = `after ${turn}`
    if ((await one.tell('put', [id])) === 'stored') stored.push(id)
  }
  expect(await other.tell('discard', before)).toBe('refused') // it has noticed, and closed the old one
  await expect.poll(() => one.tell('put', ['last']), { timeout: 5_000 }).toBe('stored')
  for (const { kill } of [one, other]) await kill()

  const database = new DatabaseSync(path)
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  database.close()
  const inbox = sqliteInbox({ path })
  onTestFinished(() => inbox.close())
  for (const id of [...stored, 'last'])
    expect(await inbox.get(`acme:${id}`)).toMatchObject({ state: 'pending' })
  const bodies = await Promise.all(
    before.map(async (id) => (await inbox.get(`acme:${id}`))?.rawBody.toString()),
  )
  expect(new Set(bodies).size, 'some are discarded, some are not').toBe(1)
  expect([undefined, 'x'.repeat(9_000)]).toContain(bodies[0])
})
