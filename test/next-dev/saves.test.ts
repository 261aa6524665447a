import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { sematryxSecret, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { freePort } from '@hookport/testkit/servers/free-port'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test, vi } from 'vitest'

const root = join(import.meta.dirname, '../..')
const app = join(import.meta.dirname, 'app-under-test') // inside, so that Next finds the packages
const route = 'app/webhooks/sematryx/route.ts'
const patience = { timeout: 60_000, interval: 50 }
/** 50 take a minute and a half. */
const saves = Number(process.env.SAVES ?? 8)

function save(path: string, text: string): void {
  mkdirSync(dirname(join(app, path)), { recursive: true })
  writeFileSync(join(app, path), text)
}

/** What a developer has open in an editor. Each save is another version of it. */
function saveRoute(version: number, database: string): void {
  save(
    route,
    `import { sematryxWebhooks } from '@hookport/next'
import { sqliteInbox } from '@hookport/sqlite'

const webhooks = sematryxWebhooks({
  secret: '${sematryxSecret}',
  inbox: sqliteInbox({ path: '${database}' }),
  maxAge: Number.POSITIVE_INFINITY,
})
webhooks.onEvent('optimization.completed', ({ id }) => console.log(JSON.stringify({ id, version: ${version} })))

export const { POST } = webhooks
export const GET = () => Response.json({ version: ${version} })
`,
  )
}

async function startNextDev() {
  save(
    'next.config.ts',
    `export default { serverExternalPackages: ['@hookport/sqlite'], turbopack: { root: '${root}' } }`,
  )
  save('package.json', '{ "private": true, "type": "module" }')
  const port = String(await freePort())
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/next/dist/bin/next'), 'dev', '--port', port, '--hostname', '127.0.0.1'],
    {
      cwd: app,
      env: { ...process.env, NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
    rmSync(app, { recursive: true, force: true, maxRetries: 5 })
  })
  const handled: { id: string; version: number }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{"id"')) handled.push(JSON.parse(line))
  })
  return { url: `http://127.0.0.1:${port}/webhooks/sematryx`, handled }
}

test(`next dev, ${saves} saves: each event is handled once, by the newest code`, async () => {
  const database = join(temporaryFolder(), 'webhooks.db')
  saveRoute(1, database)
  const { url, handled } = await startNextDev()
  for (let version = 1; version <= saves; version++) {
    saveRoute(version, database)
    await vi.waitFor(async () => expect(await (await fetch(url)).json()).toEqual({ version }), patience)
    const { body, headers } = signedSematryx({ id: `evt_${version}` })
    expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(200)
    await vi.waitFor(() => expect(handled).toHaveLength(version), patience)
  }
  expect(handled).toEqual(
    Array.from({ length: saves }, (_, at) => ({ id: `evt_${at + 1}`, version: at + 1 })),
  )
}, 600_000)
