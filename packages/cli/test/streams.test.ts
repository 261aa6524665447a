import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createReceiver } from '@hookport/core'
import { stripe } from '@hookport/providers/stripe'
import { sqliteInbox } from '@hookport/sqlite'
import { deliver } from '@hookport/testing'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test, vi } from 'vitest'
import { hookport } from './support/run-command.ts'

const main = join(import.meta.dirname, '../src/main.ts')

/** The command in a process of its own. */
function run(...args: string[]) {
  const child = spawn(process.execPath, ['--conditions=@hookport/source', '--no-warnings', main, ...args])
  onTestFinished(() => void child.kill())
  return { child, ended: new Promise<number | null>((resolve) => child.on('exit', resolve)) }
}

function keep(path: string) {
  const receiver = createReceiver({
    provider: stripe({ secret: 'whsec_any' }),
    inbox: sqliteInbox({ path }),
    consume: false,
    logger: false,
  })
  onTestFinished(() => receiver.stop())
  return receiver
}

test('a reader that has read enough, as head has, is no crash', async () => {
  const { child, ended } = run('trigger', '--list')
  child.stdout.destroy()
  const complaints = await text(child.stderr)
  expect(complaints).toBe('')
  expect(await ended).toBe(0)
})

test('nobody who reads what is said about the work is no crash either', async () => {
  const { child, ended } = run(
    ...['send', '--provider', 'stripe', '--url', 'http://127.0.0.1:1', '--secret', 's', '--json'],
  )
  child.stderr.destroy()
  expect(JSON.parse(await text(child.stdout))).toMatchObject({ deliveries: 1 })
  expect(await ended).toBe(1)
})

test('what a sender wrote does not steer the terminal', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const receiver = keep(path)
  const payload = '\u001b[2J\u009b2J{\n\t"no": "JSON"'
  const { key } = await deliver(receiver, { type: 'invoice.paid', payload })
  const lines: string[] = []
  await hookport(['inbox', 'show', key, '--sqlite', path], { print: (line) => void lines.push(line) })
  expect(lines.join('\n')).toContain('\ufffd[2J\ufffd2J{\n\t"no": "JSON"')
  expect(lines.join('\n')).not.toMatch(/(?![\n\t])\p{Cc}/u)
})

test('what a sender wrote does not steer the terminal as JSON either, which stays what it is', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const id = 'evt_\u001b[2J\u009b2J\u007f\u202ednuf'
  await deliver(keep(path), { type: 'invoice.paid', payload: { id, type: 'invoice.paid' } })
  const { child } = run('inbox', 'list', '--json', '--sqlite', path)
  const printed = await text(child.stdout)
  expect(JSON.parse(printed)).toMatchObject({ id })
  expect(printed).not.toMatch(/(?!\n)[\p{Cc}\u2028-\u202e]/u)
})

test('standard output has data and nothing else; what is about the work goes to standard error', async () => {
  const { child, ended } = run(
    'send',
    '--provider',
    'stripe',
    '--url',
    'http://127.0.0.1:1',
    '--secret',
    's',
    '--json',
  )
  const [printed, noted] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect(JSON.parse(printed)).toMatchObject({ deliveries: 1, unexpected: 1 })
  expect(noted).toContain('unexpected')
  expect(await ended).toBe(1)
})

/** A server that accepts connections, and says nothing. */
async function silentServer() {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  const connected = once(server, 'connection').then(([socket]) => onTestFinished(() => socket.destroy()))
  await once(server, 'listening')
  return { connected, url: `postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/x` }
}

test('the second signal ends a command that still waits, also if it is another one', async () => {
  const { connected, url } = await silentServer()
  const { child } = run('inbox', 'counts', '--postgres', url)
  const ended = once(child, 'exit')
  await connected
  child.kill('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect([child.exitCode, child.signalCode]).toEqual([null, null])
  child.kill('SIGTERM')
  expect(await ended).toEqual([null, 'SIGTERM'])
})

test('a database that accepts a connection and says nothing is not waited for without end', async () => {
  const { connected, url } = await silentServer()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const counting = hookport(['inbox', 'counts', '--postgres', url])
  await connected
  await vi.advanceTimersByTimeAsync(15_000)
  const { exitCode, noted } = await counting
  expect(exitCode).toBe(3)
  expect(noted).toMatch(/the database can't be reached: .*timeout/)
})

test('discard --all without a terminal needs --yes', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  await deliver(keep(path), { type: 'invoice.paid', payload: '{}' }) // unreadable: a dead letter
  const { child, ended } = run('inbox', 'discard', '--all', '--sqlite', path)
  expect(await text(child.stderr)).toContain('discard --all would delete 1 dead letters')
  expect(await ended).toBe(2)
  const sure = run('inbox', 'discard', '--all', '--yes', '--sqlite', path)
  expect(await text(sure.child.stdout)).toBe('1 discarded\n')
  expect(await sure.ended).toBe(0)
})

test('inbox watch prints the counts, and again when they have changed', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const receiver = keep(path)
  await deliver(receiver, { type: 'invoice.paid' })
  const ending = new AbortController()
  const lines: { pending: number; at: string }[] = []
  const watching = hookport(['inbox', 'watch', '--every', '0.1', '--json', '--sqlite', path], {
    signal: ending.signal,
    print: (line) => void lines.push(JSON.parse(line)),
  })
  await vi.waitFor(() => expect(lines).toMatchObject([{ pending: 1 }]), 10_000)
  await new Promise((resolve) => setTimeout(resolve, 250)) // it looks at least twice more
  await deliver(receiver, { type: 'invoice.paid' })
  await vi.waitFor(() => expect(lines).toMatchObject([{ pending: 1 }, { pending: 2 }]), 10_000)
  for (const { at } of lines) expect(at).toBe(new Date(at).toISOString())
  ending.abort()
  expect(await watching).toMatchObject({ exitCode: 0 })
})

test('a replay without a terminal prints its result and no progress, as text and as JSON', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  const receiver = createReceiver({
    provider: stripe({ secret: 'whsec_any' }),
    inbox: sqliteInbox({ path }),
    keepHandledFor: 60_000,
    logger: false,
  })
  receiver.onEvent('invoice.paid', () => {}, { name: 'save' })
  for (let sent = 0; sent < 3; sent++) await deliver(receiver, { type: 'invoice.paid' })
  await receiver.idle()
  await receiver.stop()
  const plain = run('inbox', 'replay', '--limit', '1', '--sqlite', path)
  const [printed, noted] = await Promise.all([text(plain.child.stdout), text(plain.child.stderr)])
  expect([printed, noted]).toEqual([
    '1 replayed\n',
    expect.stringMatching(/^if it is cut off, .* continues it\n$/),
  ])
  const json = run('inbox', 'replay', '--all', '--json', '--id', 'fix', '--sqlite', path)
  const [data, about] = await Promise.all([text(json.child.stdout), text(json.child.stderr)])
  expect(JSON.parse(data)).toMatchObject({ id: 'fix', replayed: 2 })
  expect(about).not.toMatch(/(?!\n)\p{Cc}/u)
  const unread = run('inbox', 'replay', '--all', '--id', 'again', '--sqlite', path)
  unread.child.stdout.destroy()
  expect(await text(unread.child.stderr)).not.toContain('EPIPE')
  expect([await plain.ended, await json.ended, await unread.ended]).toEqual([0, 0, 0])
})

test('nor does it in what is said about the work', async () => {
  const path = join(temporaryFolder(), 'webhooks.db')
  await keep(path).inbox.counts()
  const { child } = run('inbox', 'show', 'stripe:evt_\u009b2J\u202e', '--sqlite', path)
  expect(await text(child.stderr)).toMatch(/^no event stripe:evt_\\u009b2J\\u202e: /)
})
