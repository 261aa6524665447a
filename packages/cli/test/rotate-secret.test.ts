import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { createReceiver, type Provider } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { jaot } from '@hookport/providers/jaot'
import { createTrigger, fireTrigger } from '@hookport/providers/jaot-api'
import { sematryx } from '@hookport/providers/sematryx'
import { startEmulator } from '@hookport/sender'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { hookport } from './support/run-command.ts'

const old = 'whsec_the_old_one'
const fresh = 'whsec_the_new_one'

/** A receiver whose secrets are deployed by hand, a trigger of JAOT's that calls it, and a file for the new secret. */
async function rotating(makeProvider: (options: { secret: () => string[] }) => Provider = jaot) {
  const deployed = { secrets: [old] }
  const receiver = createReceiver({
    provider: makeProvider({ secret: () => deployed.secrets }),
    logger: false,
  })
  const handled: string[] = []
  receiver.onAnyEvent(({ type }) => void handled.push(type))
  const url = await serveApp(nodeWebhooks(receiver))
  const emulator = await startEmulator()
  onTestFinished(async () => {
    await emulator.close()
    await receiver.stop()
  })
  const api = { apiKey: 'ok_live_1', baseUrl: emulator.url }
  const trigger = await createTrigger({
    ...{ ...api, name: 'Nightly', documentId: 'doc_1', versionId: 'ver_1' },
    ...{ webhookUrl: url, webhookSecret: old },
  })
  const file = `${temporaryFolder()}/new-secret`
  const env = { HOOKPORT_API_KEY: api.apiKey, HOOKPORT_SECRET: old }
  const runWith = (terminal: Parameters<typeof hookport>[1], ...more: string[]) =>
    hookport(
      [
        ...['rotate-secret', 'jaot', '--base-url', emulator.url, '--trigger', trigger.id],
        ...['--new-secret-file', file, ...more],
      ],
      { env, ...terminal },
    )
  return {
    ...{ deployed, receiver, handled, file, url, env },
    giveSecret: () => writeFileSync(file, `${fresh}\n`),
    /** Which of the types have arrived once a run is fired. */
    async fire() {
      await fireTrigger({ ...api, ...trigger })
      await emulator.settled()
      await receiver.idle()
      return handled.splice(0)
    },
    run: (...more: string[]) => runWith({}, ...more),
    runWith,
  }
}

test('a secret is made for its owner alone, is never shown, and nobody is told of it before the receiver accepts it', async () => {
  const { run, file, fire } = await rotating()
  const { exitCode, printed, noted } = await run()
  expect(exitCode).toBe(1)
  expect(printed).toMatch(/created, and written to .*new-secret/)
  expect(printed).toMatch(/does not accept the new one yet.*secret: \[new, old\]/)
  const secret = readFileSync(file, 'utf8')
  expect(secret).toMatch(/^whsec_[\w-]{43}$/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  for (const one of [secret, old]) expect(printed + noted).not.toContain(one)
  expect(await fire()).toEqual(['trigger.execution.completed']) // signed with the old one, still
})

test('from both deployed to the old one gone, no delivery is refused, and each run goes on from where things stand', async () => {
  const { run, deployed, giveSecret, fire, handled } = await rotating()
  giveSecret()
  deployed.secrets = [fresh, old]
  const before = Date.now()
  const switched = await run()
  expect(switched.exitCode).toBe(0)
  expect(switched.printed).toMatch(/accepts the new one\n/)
  const [, at] = /has signed with it since (\S+)/.exec(switched.printed) ?? []
  const [, until] = /stays until (\S+):/.exec(switched.printed) ?? []
  expect(Date.parse(at ?? '')).toBeGreaterThanOrEqual(before)
  expect(Date.parse(until ?? '') - Date.parse(at ?? '')).toBe((30 + 60 + 120 + 4 * 30) * 1000) // JAOT's retries, and their deadlines
  expect(handled).toEqual([]) // nothing comes of the questions
  deployed.secrets = [fresh]
  expect(await fire()).toEqual(['trigger.execution.completed']) // signed with the new one
  const after = await run('--switched', at ?? '')
  expect(after).toMatchObject({ exitCode: 0 })
  expect(after.printed).toMatch(/no longer the old one/)
  expect(after.printed).toMatch(/as you say/)
  expect(after.printed).toMatch(/is no longer accepted: done/)
})

test('an old one that is still accepted after its time makes exit code 1', async () => {
  const { run, deployed, giveSecret } = await rotating()
  giveSecret()
  deployed.secrets = [fresh, old]
  const late = await run('--switched', '10m')
  expect(late).toMatchObject({ exitCode: 1, printed: expect.stringMatching(/can go: remove it/) })
})

test('a dry run tells the provider nothing, and makes no file', async () => {
  const { run, deployed, giveSecret, fire } = await rotating()
  expect(await run('--dry-run')).toMatchObject({
    exitCode: 3,
    noted: expect.stringMatching(/a dry run does not create it/),
  })
  giveSecret()
  deployed.secrets = [fresh, old]
  expect(await run('--dry-run')).toMatchObject({
    exitCode: 0,
    printed: expect.stringMatching(/JAOT would get/),
  })
  deployed.secrets = [old]
  expect(await fire()).toEqual(['trigger.execution.completed'])
})

test('--wait goes on as soon as the new one is deployed, and ends once the old one is gone', async () => {
  const { runWith, deployed, giveSecret } = await rotating()
  giveSecret()
  const steps: string[] = []
  const print = (line: string) => {
    const { step, state } = JSON.parse(line)
    steps.push(`${step} ${state}`)
    if (state === 'not_yet') deployed.secrets = [fresh, old]
    if (state === 'may_go') setTimeout(() => Object.assign(deployed, { secrets: [fresh] }), 500)
    if (state === 'gone') expect(deployed.secrets).toEqual([fresh])
  }
  const { exitCode } = await runWith({ print }, '--wait', '--switched', '10m', '--json')
  expect(exitCode).toBe(0)
  expect(steps).toEqual([
    ...['secret given', 'receiver not_yet', 'receiver accepts'],
    ...['provider changed_before', 'old may_go', 'old gone'],
  ])
})

test('--wait outlasts a receiver that is down for a moment, as it is deployed', async () => {
  const { runWith, deployed, giveSecret, url } = await rotating()
  giveSecret()
  let isDown = false
  const front = await serveApp(async (request, response) => {
    if (isDown) return void response.writeHead(502).end()
    const headers = { 'x-jaot-signature': String(request.headers['x-jaot-signature']) }
    const { status } = await fetch(url, { method: 'POST', headers, body: await buffer(request) })
    response.writeHead(status).end(status === 400 ? 'stale_event' : '')
  })
  const deploy = (secrets: string[]) => {
    isDown = true
    setTimeout(() => {
      isDown = false
      deployed.secrets = secrets
    }, 2_500)
  }
  const print = (line: string) => {
    const { state } = JSON.parse(line)
    if (state === 'not_yet') deploy([fresh, old])
    if (state === 'may_go') deploy([fresh])
  }
  const { exitCode, noted } = await runWith(
    { print },
    ...['--url', front, '--wait', '--switched', '10m', '--json'],
  )
  expect([exitCode, noted]).toEqual([0, ''])
})

test('what Sematryx can not be told by its API is said, and when the old one may go once a person has told it', async () => {
  const { deployed, giveSecret, file, url, env } = await rotating(sematryx)
  giveSecret()
  deployed.secrets = [fresh, old]
  const run = (...more: string[]) =>
    hookport(['rotate-secret', 'sematryx', '--url', url, '--new-secret-file', file, ...more], { env })
  expect(await run()).toMatchObject({
    exitCode: 1,
    printed: expect.stringMatching(/its dashboard.*--switched/),
  })
  const { exitCode, printed } = await run('--switched', '2026-01-01T00:00:00Z', '--json')
  expect(exitCode).toBe(1) // it is still accepted
  expect(printed).toMatch('"at":"2026-01-02T01:06:31.000Z"')
})

test.each([
  [404, /answered 404/],
  [200, /verifies nothing/],
])(
  'a receiver that answers %i to all says nothing about secrets, and the provider is not told',
  async (status, complaint) => {
    const { run, giveSecret, fire } = await rotating()
    giveSecret()
    const url = await serveApp((_, response) => void response.writeHead(status).end())
    const withPassword = url.replace('//', '//me:secret@')
    const { exitCode, noted } = await run('--url', withPassword)
    expect([exitCode, noted]).toEqual([3, expect.stringMatching(complaint)])
    expect(noted).not.toContain('secret@')
    expect(await fire()).toEqual(['trigger.execution.completed'])
  },
)

test('one of several processes that has not got the new one yet is found', async () => {
  const { run, giveSecret, url, deployed } = await rotating()
  giveSecret()
  deployed.secrets = [fresh, old]
  const behind = createReceiver({ provider: jaot({ secret: old }), name: 'behind', logger: false })
  onTestFinished(() => behind.stop())
  const [left, right] = [nodeWebhooks(behind), url]
  let turn = 0
  const balancer = await serveApp(async (request, response) => {
    turn += 1
    if (turn % 20 === 0) return left(request, response)
    const headers = { 'x-jaot-signature': String(request.headers['x-jaot-signature']) }
    const body = await buffer(request)
    const { status } = await fetch(right, { method: 'POST', headers, body })
    response.writeHead(status).end(status === 400 ? 'stale_event' : '')
  })
  expect(await run('--url', balancer)).toMatchObject({
    exitCode: 1,
    printed: expect.stringMatching(/not in every process/),
  })
})

test.each([
  [['stripe'], /needs a provider: jaot or sematryx/],
  [['jaot', '--base-url', 'http://127.0.0.1:9'], /--trigger is required/],
  [['sematryx'], /--url is required/],
  [['jaot', '--trigger', 'trg_1', '--switched', '2999-01-01'], /that is in the future/],
  [['sematryx', '--url', 'https://example.com'], /--new-secret-file is required/],
])('rotate-secret %j is a mistake in the command line', async (args, complaint) => {
  const { exitCode, noted } = await hookport(['rotate-secret', ...args])
  expect(exitCode).toBe(2)
  expect(noted).toMatch(complaint)
})

test('the old one is no new one', async () => {
  const { run, file } = await rotating()
  writeFileSync(file, old)
  expect(await run()).toMatchObject({
    exitCode: 2,
    noted: expect.stringMatching(/the new secret is the old one/),
  })
})
