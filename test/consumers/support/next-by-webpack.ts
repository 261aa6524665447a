import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@hookport/testkit/servers/free-port'

const run = promisify(execFile)
const next = join(import.meta.dirname, '../../../node_modules/next/dist/bin/next')
const env = {
  ...process.env,
  NODE_ENV: 'production' as const,
  NEXT_TELEMETRY_DISABLED: '1',
  NODE_OPTIONS: '',
}

const route = `import { sematryxWebhooks } from '@hookport/next'
const webhooks = sematryxWebhooks({ secret: 'your-webhook-secret', logger: false })
webhooks.onEvent('optimization.completed', () => {})
export const { POST } = webhooks
`

/**
 * Builds an application of Next with webpack: Next takes another bundler by itself. For Node only: this Next can't build any route for its edge runtime with
 * webpack, not even one that imports nothing.
 *
 * @returns what was made of the route, with all that it imports.
 */
export async function buildByWebpack(application: string): Promise<string> {
  await mkdir(join(application, 'app/webhooks'), { recursive: true })
  await writeFile(join(application, 'app/webhooks/route.js'), route)
  await writeFile(join(application, 'next.config.js'), `export default { outputFileTracingRoot: '/' }`)
  await run(process.execPath, [next, 'build', '--webpack'], { cwd: application, env })
  return readFile(join(application, '.next/server/app/webhooks/route.js'), 'utf8')
}

export interface RunningNext {
  readonly origin: string
  stop(): Promise<void>
}

/** Serves what was built. */
export async function startNext(application: string): Promise<RunningNext> {
  const port = String(await freePort())
  const child = spawn(process.execPath, [next, 'start', '--port', port, '--hostname', '127.0.0.1'], {
    cwd: application,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of child.stdout) if (String(line).includes('Ready')) break
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
