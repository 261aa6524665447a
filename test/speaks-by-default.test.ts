import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const { NODE_ENV: _, ...environment } = process.env
const root = join(import.meta.dirname, '..')
const secret = 'the-secret-of-sematryx'

/** An application made of the README's first lines, in a process of its own. `above` is what stands above them. */
async function startReadmeApp({
  above = '',
  env = {},
}: {
  above?: string
  env?: Partial<NodeJS.ProcessEnv>
}) {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, firstLines = ''] = /^```ts\n(.*?)^```/ms.exec(readme) ?? []
  expect(firstLines).toContain('sematryxWebhooks({ secret: process.env.SEMATRYX_WEBHOOK_SECRET })')
  const app = `
    import express from 'express'
    import { PermanentError } from '@hookport/express'
    const app = express()
    ${above}
    async function saveBest(): Promise<void> { throw new PermanentError('the database has no such table') }
    ${firstLines}
    const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
    process.stdin.once('end', () => server.close(() => webhooks.stop())).resume()
  `
  const flags = ['--conditions=@hookport/source', '--no-warnings', '--input-type=module-typescript']
  const child = spawn(process.execPath, [...flags, '--eval', app], {
    cwd: root,
    env: { ...environment, SEMATRYX_WEBHOOK_SECRET: secret, ...env } as NodeJS.ProcessEnv,
  })
  const errors = text(child.stderr)
  const [port] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    errors.then((said) => Promise.reject(new Error(`the application ended: ${said}`))),
  ])
  return {
    url: `http://127.0.0.1:${port}/webhooks/sematryx`,
    /** Ends it in good order. Resolves to the lines that it printed to standard error. */
    async end(): Promise<string[]> {
      child.stdin.end()
      return (await errors).split('\n').slice(0, -1)
    },
  }
}

async function deliver(url: string, signedWith = secret): Promise<number> {
  const body = JSON.stringify({
    id: 'evt_1',
    type: 'optimization.completed',
    created_at: new Date().toISOString(),
    data: {
      optimization_id: 'opt_1',
      status: 'completed',
      result: { best_solution: [1.5], best_fitness: 0.25, evaluations: 10, duration_seconds: 1 },
    },
  })
  const signature = createHmac('sha256', signedWith).update(body).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-sematryx-signature': signature,
    connection: 'close',
  }
  return (await fetch(url, { method: 'POST', body, headers })).status
}

const start = 'hookport warning (sematryx): delivery refused: '

test('a wrong secret prints one readable line', async () => {
  const app = await startReadmeApp({})
  expect(await deliver(app.url, 'another secret')).toBe(401)
  expect(await app.end()).toEqual([
    `${start}the signature does not match the body under any secret. Fix: is the secret the one that the webhook was registered with, and does anything in front change the body? With NODE_ENV=development, or with \`npx @hookport/cli doctor\`, you are told which [code=invalid_signature]`,
  ])
})

test('a wrong secret in development prints one readable line with the diagnosis', async () => {
  const app = await startReadmeApp({ env: { NODE_ENV: 'development' } })
  expect(await deliver(app.url, `${secret}\n`)).toBe(401)
  expect(await app.end()).toEqual([expect.stringMatching(/^hookport warning .*Fix: .*white space/)])
})

test('a parser mounted above prints one readable line with the fix', async () => {
  const app = await startReadmeApp({ above: 'app.use(express.json())' })
  expect(await deliver(app.url)).toBe(500)
  expect(await app.end()).toEqual([
    expect.stringMatching(
      /^hookport error \(sematryx\): delivery refused: the body was read before hookport could, and its bytes are gone\. Fix: mount the webhook before express\.json\(\).*\[code=misconfigured\]$/,
    ),
  ])
})

test('a dead letter prints one readable line with its reason', async () => {
  const app = await startReadmeApp({})
  expect(await deliver(app.url)).toBe(200)
  expect(await app.end()).toEqual([
    expect.stringMatching(
      /^hookport error \(sematryx\): event failed for good: it is a dead letter now\. Fix: .*id=evt_1 .*the database has no such table/,
    ),
  ])
})

test('a memory inbox in production prints one line of JSON that says what to do', async () => {
  const app = await startReadmeApp({ env: { NODE_ENV: 'production' } })
  const lines = (await app.end()).map((line) => JSON.parse(line))
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'warn',
      provider: 'sematryx',
      msg: expect.stringContaining('use a durable inbox in production'),
    }),
  ])
})

test('where nothing goes wrong nothing is printed', async () => {
  const app = await startReadmeApp({})
  expect((await fetch(app.url, { headers: { connection: 'close' } })).status).toBe(405)
  expect(await app.end()).toEqual([])
})
