import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createReceiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { stripe } from '@hookport/providers/stripe'
import { signedRequest } from '@hookport/testing'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { freePort } from '@hookport/testkit/servers/free-port'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test, vi } from 'vitest'
import { hookport } from './support/run-command.ts'

const secret = 'whsec_any'
const env = { HOOKPORT_SECRET: secret }
const provider = stripe({ secret })

/** The application that is worked on. */
async function startApplication() {
  const seen: { id: string; amount: unknown }[] = []
  const receiver = createReceiver({
    provider: stripe({ secret }),
    logger: false,
    acknowledge: 'after-handlers',
  })
  let broken = false
  receiver.onAnyEvent(({ id, payload }) => {
    if (broken) throw new Error('a mistake')
    seen.push({ id, amount: payload.amount })
  })
  onTestFinished(() => receiver.stop())
  return {
    url: await serveApp(nodeWebhooks(receiver)),
    seen,
    break: (isBroken: boolean) => {
      broken = isBroken
    },
  }
}

/** `hookport listen`, as long as the test runs. */
async function startListening(...args: string[]) {
  const port = await freePort()
  const sqlite = join(temporaryFolder(), 'listen.db')
  const ending = new AbortController()
  const lines: string[] = []
  const notes: string[] = []
  const command = ['listen', '--provider', 'stripe', '--port', String(port), '--sqlite', sqlite, ...args]
  const ended = hookport(command, {
    env,
    signal: ending.signal,
    print: (line) => void lines.push(line),
    note: (line) => void notes.push(line),
  })
  await vi.waitFor(() => expect(notes[0]).toContain(`stripe at http://127.0.0.1:${port}`), 10_000)
  onTestFinished(async () => {
    ending.abort()
    expect((await ended).exitCode).toBe(0)
    expect(existsSync(`${sqlite}-wal`), 'it ends only once its inbox is closed').toBe(false)
  })
  const url = `http://127.0.0.1:${port}/`
  const deliver = async (event: Parameters<typeof signedRequest>[1]) => {
    const { headers, body } = await signedRequest(provider, event)
    const response = await fetch(url, { method: 'POST', headers, body })
    return { status: response.status, body: await response.text() }
  }
  return { deliver, lines, sqlite, url }
}

test('an authentic delivery is kept, forwarded as it came, answered as the application did, and shown', async () => {
  const application = await startApplication()
  const { deliver, lines, sqlite } = await startListening('--forward', application.url)
  expect(await deliver({ type: 'invoice.paid', id: 'evt_1' })).toEqual({
    status: 200,
    body: '{"received":true}',
  })
  expect(application.seen).toMatchObject([{ id: 'evt_1' }])
  expect(lines).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d {2}invoice.paid evt_1 {2}accepted -> 200 in \d+ ms$/),
  ])
  const kept = await hookport(['inbox', 'list', '--sqlite', sqlite, '--json'])
  expect(JSON.parse(kept.printed)).toMatchObject({ key: 'stripe:evt_1', type: 'invoice.paid' })
})

test('what the application answers goes back: a mistake in it is seen by the sender, and in the line', async () => {
  const application = await startApplication()
  const { deliver, lines } = await startListening('--forward', application.url)
  application.break(true)
  expect(await deliver({ type: 'invoice.paid' })).toMatchObject({ status: 500 })
  expect(lines[0]).toContain('accepted -> 500 in')
})

test('where --forward leads back to it, through a tunnel too, a delivery does not go round', async () => {
  let back = ''
  const tunnel = await serveApp(async (request, response) => {
    const headers = Object.entries(request.headers).filter(([name]) => /signature|via/.test(name))
    const { status } = await fetch(back, {
      method: 'POST',
      headers: headers as [string, string][],
      body: await buffer(request),
    })
    response.writeHead(status).end()
  })
  const { deliver, lines, url } = await startListening('--forward', tunnel)
  back = url
  expect(await deliver({ type: 'invoice.paid', id: 'evt_1' })).toMatchObject({ status: 508 })
  expect(lines).toEqual([
    expect.stringMatching('forwarded_to_itself 508: --forward leads back to this command'),
    expect.stringMatching('invoice.paid evt_1  accepted -> 508'),
  ])
})

test('a forgery is refused, not forwarded, and the line says why', async () => {
  const application = await startApplication()
  const { deliver, lines } = await startListening('--forward', application.url)
  expect(await deliver({ type: 'invoice.paid', signature: 'wrong' })).toMatchObject({ status: 401 })
  expect(application.seen).toEqual([])
  expect(lines).toEqual([
    expect.stringContaining('a delivery  invalid_signature 401: the signature does not match'),
  ])
  expect(lines[0]).not.toContain('->')
})

test('an application that is not there is a bad gateway, and the event is kept all the same', async () => {
  const { deliver, lines, sqlite } = await startListening('--forward', `http://127.0.0.1:${await freePort()}`)
  expect(await deliver({ type: 'invoice.paid', id: 'evt_1' })).toMatchObject({
    status: 502,
    body: 'ECONNREFUSED\n',
  })
  expect(lines[0]).toContain('accepted -> ECONNREFUSED in')
  expect((await hookport(['inbox', 'counts', '--sqlite', sqlite, '--json'])).printed).toContain('"pending":1')
})

test('without --forward it verifies and keeps; with --json each line is a document', async () => {
  const { deliver, lines } = await startListening('--json')
  await deliver({ type: 'invoice.paid', id: 'evt_1' })
  await deliver({ type: 'invoice.paid', id: 'evt_1' })
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      outcome: 'accepted',
      status: 200,
      events: [{ key: 'stripe:evt_1', id: 'evt_1', type: 'invoice.paid' }],
      forwarded: null,
    },
    { outcome: 'duplicate', forwarded: null },
  ])
})

test('what a sender writes does not steer the terminal', async () => {
  const { deliver, lines } = await startListening()
  await deliver({
    type: 'invoice.paid\u001b[2J',
    payload: { id: 'evt_\u0007', type: 'a\u001b[2Jb', created: Date.now() / 1000 },
  })
  expect(lines[0]).toContain('a\ufffd[2Jb evt_\ufffd')
})

test('resend signs a kept delivery anew, by its id or its key', async () => {
  const application = await startApplication()
  const { deliver, sqlite } = await startListening()
  await deliver({
    type: 'invoice.paid',
    payload: { id: 'evt_1', type: 'invoice.paid', created: 1, amount: 7 },
  })
  const at = ['--provider', 'stripe', '--forward', application.url, '--sqlite', sqlite]
  expect(await hookport(['resend', 'evt_1', ...at], { env })).toMatchObject({
    exitCode: 0, // signed now, though the event is of 1970
    printed: expect.stringMatching(/^invoice.paid evt_1 -> 200 in \d+ ms$/),
  })
  await deliver({ type: 'invoice.paid', id: 'evt_2' })
  expect(await hookport(['resend', 'stripe:evt_2', ...at, '--json'], { env })).toMatchObject({ exitCode: 0 })
  expect(application.seen).toEqual([
    { id: 'evt_1', amount: 7 },
    { id: 'evt_2', amount: undefined },
  ])
  expect(await hookport(['resend', 'evt_9', ...at], { env })).toMatchObject({ exitCode: 1, printed: '' })
})

test('a port that is taken: exit code 3', async () => {
  const taken = new URL(await serveApp((_, response) => response.end())).port
  const sqlite = join(temporaryFolder(), 'listen.db')
  const command = ['listen', '--provider', 'stripe', '--port', taken, '--sqlite', sqlite]
  expect(await hookport(command, { env })).toMatchObject({
    exitCode: 3,
    noted: expect.stringContaining('EADDRINUSE'),
  })
})

test('an IPv6 address is named as URLs have it, and that of the application without its password', async () => {
  const sqlite = join(temporaryFolder(), 'listen.db')
  const ending = new AbortController()
  const notes: string[] = []
  const forward = ['--forward', 'http://me:secret@localhost:9']
  const command = [
    'listen',
    '--provider',
    'stripe',
    '--host',
    '::1',
    '--port',
    '0',
    '--sqlite',
    sqlite,
    ...forward,
  ]
  const ended = hookport(command, { env, signal: ending.signal, note: (line) => void notes.push(line) })
  await vi.waitFor(
    () => expect(notes[0]).toMatch(/^stripe at http:\/\/\[::1\]:\d+, forwarded to http:\/\/localhost:9\/$/),
    10_000,
  )
  ending.abort()
  await ended
})
