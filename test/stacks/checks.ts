import { request } from 'node:http'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { sampleEvent, signDelivery } from '@hookport/sender'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { expect } from 'vitest'
import type { CheckId, Stack } from './stack.ts'
import type { RunningStack, Variation } from './support/start-stack.ts'

/** What is asked of every stack. `docs/stacks.md` has a column for each. */
export interface Check {
  readonly id: CheckId
  /** What holds where it passes. */
  readonly promise: string
  run(running: RunningStack, stack: Stack): Promise<void>
}

const path = '/webhooks/sematryx'
const secret = 'your-webhook-secret'
const received = { status: 200, body: '{"received":true}' }

export const checks: readonly Check[] = [
  {
    id: 'accepted',
    promise: 'a signed delivery is answered 200, and handled',
    run: (running) => expectHandled(running),
  },
  {
    id: 'forged',
    promise: 'a delivery that is signed with another secret is answered 401, and not handled',
    async run(running) {
      const before = running.saved.length
      expect(await post(running, delivery({ secret: 'another secret' }))).toMatchObject({
        status: 401,
        body: '{"error":"invalid_signature"}',
      })
      expect(running.saved).toHaveLength(before)
    },
  },
  {
    id: 'GET',
    promise: 'a GET is answered 405 with `Allow: POST`',
    run: (running) => expectMethodRefused(running),
  },
  {
    id: 'oversize',
    promise: 'a signed body of 2 MiB is answered 413',
    async run(running) {
      const large = delivery({ changes: { filling: 'x'.repeat(2 * 1024 * 1024) } })
      expect(await post(running, large)).toMatchObject({
        status: 413,
        body: '{"error":"payload_too_large"}',
      })
    },
  },
  {
    id: 'other routes',
    promise:
      'the application still parses and answers requests to its own routes, and an unknown route is 404',
    async run(running) {
      const order = await fetch(`${running.origin()}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"plan":7}',
      })
      expect([order.status, await order.text()]).toEqual([
        expect.closeTo(200, -1),
        expect.stringContaining('"plan":7'),
      ])
      expect((await fetch(`${running.origin()}/elsewhere`)).status).toBe(404)
    },
  },
  {
    id: 'body kept',
    promise: 'if something in front reads the body and keeps its bytes or text, a signed delivery is handled',
    run: (running) => expectHandled(running, 'keepBody'),
  },
  {
    id: 'body taken',
    promise:
      'if something in front reads the body and keeps neither, the delivery is answered 500, and the log says what to change in this stack',
    async run(running, { fix }) {
      const line = newLine(running, /the body was read before hookport could/)
      expect(await post(running, delivery(), 'takeBody')).toMatchObject({
        status: 500,
        body: '{"error":"misconfigured"}',
      })
      expect(await line()).toMatch(fix ?? /hand the request over before anything reads its body/)
    },
  },
  {
    id: 'patched response',
    promise:
      'if something in front patches the methods of the response, so that they return nothing, the same replies arrive',
    async run(running) {
      await expectMethodRefused(running, 'patch')
      await expectHandled(running, 'patch')
    },
  },
  {
    id: 'log line',
    promise: 'with nothing configured, the log says why a forged delivery was refused',
    async run(running) {
      const line = newLine(
        running,
        /delivery refused: the signature does not match the body under any secret/,
      )
      await post(running, delivery({ secret: 'another secret' }))
      expect(await line()).toMatch(/fix.*is the secret the one that the webhook was registered with/i)
    },
  },
  {
    id: 'alive',
    promise:
      'after all of this, and after a sender that hangs up in the middle of a body and one that sends without end, the same process handles the next delivery',
    async run(running) {
      await hangUp(running)
      await flood(running)
      await expectHandled(running)
      expect(running.isAlive()).toBe(true)
    },
  },
]

let count = 0

function delivery({ changes = {}, ...other }: { changes?: object; secret?: string } = {}) {
  count += 1
  const sample = sampleEvent('sematryx', 'optimization.completed', { at: Date.now() })
  const event = {
    ...sample,
    id: `evt_${count}`,
    data: { ...sample.data, optimization_id: `opt_${count}` },
    ...changes,
  }
  return signDelivery({ provider: 'sematryx', form: 'unicode', secret, ...other, event })
}

async function post(running: RunningStack, sent: ReturnType<typeof delivery>, variation?: Variation) {
  const { status, body } = await postDelivery(running.origin(variation) + path, sent)
  return { status, body }
}

async function expectHandled(running: RunningStack, variation?: Variation): Promise<void> {
  const sent = delivery()
  expect(await post(running, sent, variation)).toEqual(received)
  const { data } = JSON.parse(sent.body.toString())
  const line = `saved ${JSON.stringify([data.optimization_id, data.result.best_solution])}`
  await expect.poll(() => running.saved, { timeout: 5000 }).toContain(line)
}

async function expectMethodRefused(running: RunningStack, variation?: Variation): Promise<void> {
  const response = await fetch(running.origin(variation) + path)
  expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([
    405,
    'POST',
    '{"error":"method_not_allowed"}',
  ])
}

/** Answers what waits for a line on standard error. Lines from before don't count. */
function newLine({ errors }: RunningStack, wanted: RegExp): () => Promise<string> {
  const before = errors.length
  const found = () => errors.slice(before).find((line) => wanted.test(line))
  return async () => {
    await expect
      .poll(() => found() ?? errors.slice(before), { timeout: 5000 })
      .toEqual(expect.stringMatching(wanted))
    return found() ?? ''
  }
}

/** Sends half of a body, and is gone. */
async function hangUp(running: RunningStack): Promise<void> {
  const { method, headers, body } = delivery()
  const outgoing = request(running.origin() + path, { method, headers, agent: false })
  const gone = new Promise((resolve) => outgoing.on('error', () => {}).on('close', resolve))
  outgoing.setHeader('Content-Length', String(body.length))
  outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy())
  await gone
}

/** Sends a body that is far too large as fast as it can, until it is answered or the connection is closed, and a little longer. */
async function flood(running: RunningStack): Promise<void> {
  const connection = await RawConnection.open(running.origin())
  const signature = `X-Sematryx-Signature: ${'0'.repeat(64)}`
  await connection.write(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n${signature}\r\n\r\n`,
  )
  let over = false
  const end = Promise.race([connection.replies(1), connection.closed()])
    .catch(() => {}) // a connection that is reset is over, too
    .then(() => {
      over = true
    })
  const chunk = 'x'.repeat(64 * 1024)
  while (!over) {
    await Promise.race([connection.write(chunk), end])
    await setImmediate() // on a connection that is gone, nothing else makes this wait
  }
  await Promise.race([connection.write(chunk), setTimeout(100)])
  connection.hangUp()
}
