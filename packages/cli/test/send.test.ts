import { createReceiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { sematryx } from '@hookport/providers/sematryx'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { expect, onTestFinished, test } from 'vitest'
import { latenciesOf } from '../src/send/latency.ts'
import { hookport } from './support/run-command.ts'

const secret = 'your-webhook-secret'

async function receiverUrl(secrets: string | string[] = secret): Promise<string> {
  const receiver = createReceiver({ logger: false, provider: sematryx({ secret: secrets }) }).onAnyEvent(
    () => {},
  )
  onTestFinished(() => receiver.stop())
  return serveApp(nodeWebhooks(receiver))
}

const send = (url: string, ...flags: string[]) =>
  hookport(['send', '--provider', 'sematryx', '--url', url, ...flags], { env: { HOOKPORT_SECRET: secret } })

test('one event: what came back, as a table; exit code 0', async () => {
  const { exitCode, printed } = await send(await receiverUrl(), '--seed', '1')
  expect(printed).toMatch(/^ {2}200 +1$/m)
  expect(printed).toMatch(/^latency +p50 .+ ms {3}p90 .+ ms {3}p99 .+ ms {3}max .+ ms$/m)
  expect(printed).toContain('everything as expected')
  expect(exitCode).toBe(0)
})

test('what is ended in the middle of duplicates reports what was sent', async () => {
  const over = new AbortController()
  const url = await serveApp(() => over.abort())
  const { exitCode, printed, noted } = await hookport(
    ['send', '--provider', 'sematryx', '--url', url, '--duplicates', '1', '--json'],
    { env: { HOOKPORT_SECRET: secret }, signal: over.signal },
  )
  expect(JSON.parse(printed)).toMatchObject({ deliveries: 1, errors: { 'sender closed': 1 } })
  expect(noted).not.toContain('the sender is closed')
  expect(exitCode).toBe(1)
})

test('with mischief, the figures add up, and a correct receiver does as expected', async () => {
  const mischief = [
    ...[
      '--duplicates',
      '0.2',
      '--concurrent-duplicates',
      '0.2',
      '--tamper',
      '0.1',
      '--wrong-signature',
      '0.1',
    ],
    ...[
      '--missing-signature',
      '0.1',
      '--truncated-signature',
      '0.1',
      '--wrong-secret',
      '0.1',
      '--stale',
      '0.1',
    ],
    ...['--oversize', '0.02', '--slow-body', '0.05', '--slow-body-ms', '20', '--aborted-body', '0.1'],
    ...['--reorder', '4', '--count', '200', '--seed', '3', '--json'],
  ]
  const { exitCode, printed } = await send(await receiverUrl(), ...mischief)
  const report = JSON.parse(printed)
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((one, other) => one + other, 0)
  expect(report.unexpected).toBe(0)
  expect(report.asExpected).toBe(report.deliveries)
  expect(report.deliveries).toBe(200 + report.mischief.duplicates + report.mischief.concurrentDuplicates)
  expect(sum(report.replies) + sum(report.errors)).toBe(report.attempts)
  expect(report.replies).toMatchObject({ 200: expect.any(Number), 401: expect.any(Number) })
  expect(exitCode).toBe(0)
})

test('a rotation in mid-stream: a receiver with both secrets takes all, one with the old one does not', async () => {
  const flags = ['--count', '10', '--rotate-secret', 'the-new-one', '--rotate-after', '4', '--json']
  const both = await send(await receiverUrl([secret, 'the-new-one']), ...flags)
  expect(JSON.parse(both.printed)).toMatchObject({ replies: { 200: 10 }, unexpected: 0 })
  const old = await send(await receiverUrl(), ...flags)
  expect(JSON.parse(old.printed)).toMatchObject({ replies: { 200: 4, 401: 6 }, unexpected: 6 })
  expect(old.exitCode).toBe(1)
})

test('a receiver that takes everything is found out: exit code 1', async () => {
  const gullible = await serveApp((request, response) => request.resume().on('end', () => response.end()))
  const { exitCode, printed } = await send(gullible, '--tamper', '1', '--json')
  expect(JSON.parse(printed)).toMatchObject({ unexpected: 1 })
  expect(exitCode).toBe(1)
})

test.each([
  [1, '1 delivery had an unexpected result'],
  [2, '2 deliveries had an unexpected result'],
])('%d unexpected: the last line of the table counts it', async (count, verdict) => {
  const { printed } = await send('http://127.0.0.1:9', '--count', String(count))
  expect(printed.trim().split('\n').at(-1)).toBe(verdict)
})

test('nobody listens: exit code 1, and the error is counted', async () => {
  const { exitCode, printed } = await send('http://127.0.0.1:9', '--count', '3', '--json')
  expect(JSON.parse(printed)).toMatchObject({ errors: { 'connection refused': 3 }, unexpected: 3 })
  expect(exitCode).toBe(1)
})

test.each(['sematryx', 'stripe'])(
  '%s: a --concurrency of more than there are events takes up no memory',
  async (provider) => {
    const url = 'http://127.0.0.1:9'
    const flags = ['--secret', secret, '--concurrency', '10000000000', '--json']
    const { exitCode, printed } = await hookport(['send', '--provider', provider, '--url', url, ...flags])
    expect(JSON.parse(printed)).toMatchObject({ deliveries: 1 })
    expect(exitCode).toBe(1)
  },
)

test('--retry follows the schedule', async () => {
  let asked = 0
  const flaky = await serveApp((request, response) => {
    asked += 1
    response.statusCode = asked < 3 ? 503 : 200
    request.resume().on('end', () => response.end())
  })
  const { printed } = await send(flaky, '--retry', '--time-scale', '0', '--json')
  expect(JSON.parse(printed)).toMatchObject({ deliveries: 1, attempts: 3, replies: { 503: 2, 200: 1 } })
})

test('the secret is not in what it writes', async () => {
  const { printed, noted } = await send(await receiverUrl())
  expect(printed + noted).not.toContain(secret)
})

test('latencies are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(latenciesOf(hundred)).toEqual({ p50: 50, p90: 90, p99: 99, max: 100 })
  expect(latenciesOf([7])).toEqual({ p50: 7, p90: 7, p99: 7, max: 7 })
  expect(latenciesOf([])).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 })
})

test('an unexpected reply is shown: its status, its code and its body', async () => {
  const { noted } = await send(await receiverUrl('another-secret'))
  expect(noted).toContain('unexpected: 401, code invalid_signature, {"error":"invalid_signature"}')
})

test.each([
  ['a page', '<h1>Not\n found</h1>\u001b[2J', '404, <h1>Not found</h1>�[2J'],
  ['nothing', '', '404, an empty body'],
  ['a long text', 'x'.repeat(600), `404, ${'x'.repeat(500)}…`],
])('an unexpected reply of %s is one line, and harmless to a terminal', async (_, body, shown) => {
  const elsewhere = await serveApp((request, response) =>
    request.resume().on('end', () => response.writeHead(404).end(body)),
  )
  const { noted } = await send(elsewhere)
  expect(noted.trim().split('\n')).toEqual([expect.stringContaining(`unexpected: ${shown}`)])
})

test('no reply is shown with its reason, a delivery that should have failed with what was done to it', async () => {
  const { noted } = await send('http://127.0.0.1:9')
  expect(noted).toMatch(/unexpected: .*refused/i)
  const gullible = await serveApp((request, response) => request.resume().on('end', () => response.end()))
  expect((await send(gullible, '--tamper', '1')).noted).toContain(
    'unexpected to a delivery with tamper: 200, an empty body',
  )
})

test('five unexpected replies are shown, and that there are more', async () => {
  const { noted } = await send(await receiverUrl('another-secret'), '--count', '20')
  expect(noted.match(/unexpected: /g)).toHaveLength(5)
  expect(noted.match(/more unexpected replies/g)).toHaveLength(1)
})
