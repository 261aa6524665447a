import { createReceiver, type EventRecord } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { jaot } from '@hookport/providers/jaot'
import { createTrigger, fireTrigger } from '@hookport/providers/jaot-api'
import { startEmulator } from '@hookport/sender'
import { sqliteInbox } from '@hookport/sqlite'
import { signedRequest } from '@hookport/testing'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { freePort } from '@hookport/testkit/servers/free-port'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { hookport } from './support/run-command.ts'

/** JAOT whose webhooks are all lost, with a trigger, and an inbox. */
async function losingJaot() {
  const emulator = await startEmulator({ jaotFiresPerMinute: 1_000, losses: { fateOf: () => 'lost' } })
  onTestFinished(() => emulator.close())
  const path = `${temporaryFolder()}/webhooks.db`
  await sqliteInbox({ path }).close()
  const api = { apiKey: 'ok_live_1', baseUrl: emulator.url }
  const model = { documentId: 'doc_1', versionId: 'ver_1' }
  const trigger = await createTrigger({
    ...api,
    ...model,
    name: 'Nightly',
    webhookUrl: 'http://127.0.0.1:9/',
  })
  const flags = ['--base-url', emulator.url, '--sqlite', path]
  const env = { HOOKPORT_API_KEY: api.apiKey, HOOKPORT_SECRET: 'whsec_1' }
  return {
    path,
    trigger,
    flags,
    fire: () => fireTrigger({ ...api, ...trigger }),
    run: (command: string, provider: string, ...more: string[]) =>
      hookport([command, provider, ...flags, ...more], { env }),
  }
}

test('reconcile lists what is missing, and then has it taken on, for the receiver that handles it', async () => {
  const { path, fire, run } = await losingJaot()
  const [one, other] = [await fire(), await fire()]
  const dry = await run('reconcile', 'jaot', '--dry-run')
  expect(dry.exitCode).toBe(0)
  expect(dry.printed).toMatch(new RegExp(`${one.runId} +completed`))
  expect(dry.printed).toMatch('listed 2, missing 2, taken on 0')
  const wet = await run('reconcile', 'jaot')
  expect(wet.printed).toMatch('listed 2, missing 2, taken on 2')
  expect(wet.noted).toMatch(`taken on: trigger.execution.completed ${other.runId}`)
  expect(JSON.parse((await run('reconcile', 'jaot', '--json')).printed)).toMatchObject({
    listed: 2,
    missing: 0,
  })
  const receiver = createReceiver({
    provider: jaot({ secret: 'whsec_1' }),
    inbox: sqliteInbox({ path }),
    logger: false,
    consume: false,
  })
  const handled: string[] = []
  receiver.onEvent('trigger.execution.completed', ({ data }) => void handled.push(data.run_id))
  await receiver.drain()
  await receiver.stop()
  expect(handled.sort()).toEqual([one.runId, other.runId].sort())
})

test('what is a tenant’s is not taken on as nobody’s: the tenant must be named', async () => {
  const { path, fire, run } = await losingJaot()
  const { runId } = await fire()
  const receiver = createReceiver({
    provider: jaot({ secret: () => ({ secret: 'whsec_1', tenant: 'north' }) }),
    inbox: sqliteInbox({ path }),
    logger: false,
    consume: false,
  })
  const data = { run_id: runId, trigger_id: 'trg_1', trigger_name: 'Nightly', status: 'completed' }
  const payload = { event: 'trigger.execution.completed', timestamp: new Date().toISOString(), data }
  const { headers, body } = await signedRequest(jaot({ secret: 'whsec_1' }), { type: payload.event, payload })
  const reply = await fetch(await serveApp(nodeWebhooks(receiver)), { method: 'POST', headers, body })
  expect(reply.status).toBe(200)
  await receiver.stop()
  expect(await run('reconcile', 'jaot')).toMatchObject({
    exitCode: 2,
    noted: expect.stringMatching(/events of tenant north: give --tenant/),
  })
  expect((await run('reconcile', 'jaot', '--tenant', 'north')).printed).toMatch('listed 1, missing 0')
})

test('a tenant’s event is found however many events of another receiver came before it', async () => {
  const { path, run } = await losingJaot()
  const inbox = sqliteInbox({ path })
  const put = (event: Partial<EventRecord>) => inbox.put(eventRecord(event), { rememberMs: 3_600_000 })
  await Promise.all(Array.from({ length: 5_100 }, (_, index) => put({ id: `evt_${index}` })))
  await put({ source: 'jaot', tenant: 'north' })
  await inbox.close()
  expect((await run('reconcile', 'jaot')).noted).toMatch('events of tenant north: give --tenant')
})

test('a dry run says how many are missing that it does not list', async () => {
  const { fire, run } = await losingJaot()
  for (let index = 0; index < 103; index++) await fire()
  const { printed } = await run('reconcile', 'jaot', '--dry-run')
  expect(printed.match(/^trun_/gm)).toHaveLength(100)
  expect(printed).toMatch(/\nand 3 more\nlisted 103, missing 103/)
})

test('register has a trigger report here, and says what it changed', async () => {
  const { run, trigger } = await losingJaot()
  const more = ['--trigger', trigger.id, '--url', 'http://127.0.0.1:9/new']
  expect(await run('register', 'jaot', ...more)).toMatchObject({
    exitCode: 0,
    printed: 'changed: url; the secret is set',
  })
  expect(await run('register', 'jaot', ...more)).toMatchObject({
    printed: 'nothing to change; the secret is set',
  })
})

/** `register` at an API of our own. */
function registerAt(baseUrl: string, changes: { signal?: AbortSignal } = {}) {
  const flags = ['--base-url', baseUrl, '--trigger', 'trg_1', '--url', 'https://example.com/hooks']
  const env = { HOOKPORT_API_KEY: 'key', HOOKPORT_SECRET: 'whsec_1' }
  return hookport(['register', 'jaot', ...flags], { env, ...changes })
}

test('register ends when it is told to, even if the API does not answer', async () => {
  const ending = new AbortController()
  const baseUrl = await serveApp(() => ending.abort())
  expect(await registerAt(baseUrl, { signal: ending.signal })).toMatchObject({ exitCode: 3 })
})

test('what an API answers can not steer the terminal', async () => {
  const baseUrl = await serveApp((_, response) => response.writeHead(500).end('\u001b[31mboom'))
  const { noted } = await registerAt(baseUrl)
  expect(noted).toContain('boom')
  expect(noted).not.toContain('\u001b')
})

test('the id that an API gives a webhook can not steer the terminal', async () => {
  const { path, run } = await losingJaot()
  const baseUrl = await serveApp((_, response) => response.end(JSON.stringify({ id: 'wh_1\u001b[2J' })))
  const more = [
    '--base-url',
    baseUrl,
    '--url',
    'https://example.com/hook',
    '--event',
    'optimization.completed',
  ]
  for (const told of ['registered', 'was registered before'])
    expect((await run('register', 'sematryx', '--sqlite', path, ...more)).printed).toMatch(
      `${told}: wh_1\ufffd[2J`,
    )
})

test('register says of a type that Sematryx is not known to send it: its events would never come', async () => {
  const { path, run } = await losingJaot()
  const baseUrl = await serveApp((_, response) => response.end(JSON.stringify({ id: 'wh_1' })))
  const register = (type: string) => {
    const more = [
      '--base-url',
      baseUrl,
      '--sqlite',
      path,
      '--url',
      'https://example.com/hook',
      '--event',
      type,
    ]
    return run('register', 'sematryx', ...more)
  }
  expect(await register('optimization.complete')).toMatchObject({
    exitCode: 0,
    noted:
      '--event optimization.complete: Sematryx is not known to send it; did you mean optimization.completed?',
  })
  expect(await register('optimization.completed')).toMatchObject({ exitCode: 0, noted: '' })
  expect(await register('')).toMatchObject({ exitCode: 2 })
})

test('what is listed as ended without a readable time is not taken on, and that is said', async () => {
  const { path, run } = await losingJaot()
  const ended = { id: 'opt_1', status: 'failed', created_at: 'yesterday', completed_at: 'today' }
  const baseUrl = await serveApp((_, response) => response.end(JSON.stringify([ended])))
  const at = ['--base-url', baseUrl, '--sqlite', path]
  for (const more of [[], ['--dry-run']]) {
    const { printed, noted } = await run('reconcile', 'sematryx', ...at, ...more)
    expect(printed).toMatch('listed 1, missing 0, taken on 0')
    expect(noted).toMatch('listed as ended without the time of their end or creation: they are not taken on')
    expect(noted).not.toMatch('allowUnsigned')
  }
})

test('where something that has ended could not be taken on, the exit code is 1', async () => {
  const { path, run } = await losingJaot()
  const at = new Date().toISOString()
  const ended = { id: 'opt_1', status: 'completed', created_at: at, completed_at: at }
  const baseUrl = await serveApp(({ url }, response) =>
    url?.includes('?') ? response.end(JSON.stringify([ended])) : response.writeHead(403).end(),
  )
  for (const more of [[], ['--dry-run']]) {
    const ran = await run('reconcile', 'sematryx', '--base-url', baseUrl, '--sqlite', path, ...more)
    expect(ran).toMatchObject({ exitCode: 1, printed: expect.stringContaining('taken on 0, left 1') })
    expect(ran.noted).toMatch('1 left: the reason is above')
  }
})

test('that it looks no further back than ids are remembered is said, as nothing older is listed as missing', async () => {
  const { path, run } = await losingJaot()
  const ended = (daysAgo: number) => {
    const at = new Date(Date.now() - daysAgo * 86_400_000).toISOString()
    return { id: `opt_${daysAgo}`, status: 'failed', created_at: at, completed_at: at }
  }
  const baseUrl = await serveApp((_, response) => response.end(JSON.stringify([ended(1), ended(5)])))
  const since = (time: string) =>
    run('reconcile', 'sematryx', '--base-url', baseUrl, '--sqlite', path, '--dry-run', '--since', time)
  expect((await since('2d')).noted).toBe('')
  const { printed, noted } = await since('8d')
  expect(printed).toMatch('listed 2, missing 1')
  expect(noted).toMatch('what ended more than 3 days ago is not looked at')
})

test('register tells Sematryx once', async () => {
  const { run } = await losingJaot()
  const more = ['--url', 'https://example.com/hook', '--event', 'optimization.completed']
  const first = await run('register', 'sematryx', ...more)
  expect(first.printed).toMatch(/^registered: wh_/)
  expect((await run('register', 'sematryx', ...more, '--secret', 'another')).printed).toMatch(
    `was registered before: ${first.printed.slice('registered: '.length)}; its secret is unchanged`,
  )
})

test.each([
  ['reconcile', 'stripe', /needs a provider: jaot or sematryx/],
  ['register', 'stripe', /needs a provider: jaot or sematryx/],
  ['reconcile', 'jaot', /that is in the future/, '--since', '2999-01-01'],
  ['reconcile', 'sematryx', /--trigger is for JAOT/, '--trigger', 'trg_1'],
] as [string, string, RegExp, ...string[]][])('%s %s is a mistake in the command line', async (...of) => {
  const [command, provider, complaint, ...more] = of
  const args = [command, provider, '--base-url', 'http://127.0.0.1:9', '--sqlite', 'none.db', ...more]
  const { exitCode, noted } = await hookport(args, { env: { HOOKPORT_API_KEY: 'k' } })
  expect(exitCode).toBe(2)
  expect(noted).toMatch(complaint)
})

test('a key that is missing is named', async () => {
  const { flags } = await losingJaot()
  expect((await hookport(['reconcile', 'jaot', ...flags])).noted).toMatch(/HOOKPORT_API_KEY/)
})

test('what a provider answers does not steer the terminal', async () => {
  const path = `${temporaryFolder()}/webhooks.db`
  await sqliteInbox({ path }).close()
  const baseUrl = await serveApp((_, response) => void response.writeHead(401).end('no such key\u001b[2J'))
  const flags = ['--base-url', baseUrl, '--sqlite', path]
  const { exitCode, noted } = await hookport(['reconcile', 'sematryx', ...flags], {
    env: { HOOKPORT_API_KEY: 'ok_live_1' },
  })
  expect(exitCode).toBe(3)
  expect(noted).toContain('no such key\ufffd[2J')
  expect(noted).not.toContain('\u001b')
})

test('where the API can not be reached, it says why', async () => {
  const path = `${temporaryFolder()}/webhooks.db`
  await sqliteInbox({ path }).close()
  const ending = new AbortController()
  const noted: string[] = []
  const note = (line: string) => {
    noted.push(line)
    ending.abort() // it would be asked again for half a minute
  }
  const url = `http://127.0.0.1:${await freePort()}`
  const env = { HOOKPORT_API_KEY: 'ok_live_1' }
  await hookport(['reconcile', 'sematryx', '--base-url', url, '--sqlite', path], {
    env,
    note,
    signal: ending.signal,
  })
  const why = /no answer from 127.*because of fetch failed, because of connect ECONNREFUSED/
  expect(noted[0]).toMatch(why)
  expect((await registerAt(url)).noted).toMatch(why)
})
