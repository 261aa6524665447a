import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@hookport/core'
import * as adapter from '@hookport/express'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { invalidSignature, missingSignature, received } from '@hookport/testkit/receivers/feed-receiver'
import express from 'express'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import * as zod from 'zod'

const secret = 'the secret that Acme gave out'
const modules = { '@hookport/core': core, '@hookport/express': adapter, zod }

let snippet = ''

beforeAll(async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/providers.md'), 'utf8')
  snippet = /## Another sender\n\n```ts\n(.*?)```/s.exec(page)?.[1] ?? ''
})

/** Runs the page's own code, as it stands there, in an application. */
async function runExample() {
  const app = express()
  const log = vi.fn()
  const code = snippet.replace(/^import \{(.*?)\} from ('.*?')$/gm, 'const {$1} = modules[$2]')
  const run = new Function('modules', 'app', 'process', 'console', `${code}\nreturn receiver`)
  const receiver: core.Receiver = run(modules, app, { env: { ACME_SECRET: secret } }, { log })
  onTestFinished(() => receiver.stop())
  const url = await serveApp(app)
  return {
    receiver,
    log,
    async deliver(event: object, signature: (body: string) => string | undefined = sign) {
      const body = JSON.stringify(event)
      const signed = signature(body)
      const headers = { ...(signed !== undefined && { 'X-Acme-Signature': signed }) }
      const response = await fetch(`${url}/webhooks/acme`, { method: 'POST', headers, body })
      return { status: response.status, body: await response.json() }
    },
  }
}

function sign(body: string, key = secret): string {
  return createHmac('sha256', key).update(body).digest('hex')
}

const paid = () => ({
  id: 'evt_1',
  type: 'invoice.paid',
  created_at: new Date().toISOString(),
  data: { amount: 500 },
})

test('the made-up sender of docs/providers.md is received: verified, once, typed and handled', async () => {
  const { receiver, log, deliver } = await runExample()
  expect(await deliver(paid())).toEqual(received)
  expect(await deliver(paid())).toEqual(received)
  await receiver.idle()
  expect(log.mock.calls).toEqual([[500]])
})

test('what its definition does not let pass does not reach the handler', async () => {
  const { receiver, log, deliver } = await runExample()
  expect(await deliver(paid(), () => undefined)).toEqual(missingSignature)
  expect(await deliver(paid(), () => 'none')).toEqual(invalidSignature)
  expect(await deliver(paid(), (body) => sign(body, 'another'))).toEqual(invalidSignature)
  expect(await deliver({ ...paid(), id: undefined })).toEqual(received) // held as a dead letter
  expect(await deliver({ ...paid(), created_at: 'yesterday' })).toEqual(received) // held as a dead letter
  expect(await deliver({ ...paid(), data: { amount: '500' } })).toEqual(received)
  await receiver.idle()
  expect(log).not.toHaveBeenCalled()
  expect(await receiver.inbox.counts()).toMatchObject({ dead: 3 })
})
