import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Running } from '@hookport/testkit/http/serving'

const root = join(import.meta.dirname, '../../..')
const app = join(import.meta.dirname, '../next-app')
const next = join(root, 'node_modules/next/dist/bin/next')
const inspectorPage = join(root, 'packages/inspector/page/build/write-page-files.ts')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const env = {
  ...process.env,
  NODE_ENV: 'production' as const,
  NEXT_TELEMETRY_DISABLED: '1',
  SEMATRYX_WEBHOOK_SECRET: 'your-webhook-secret',
}

/** With what it prints. */
export interface RunningNext extends Running {
  readonly printed: string[]
  readonly errors: string[]
  isAlive(): boolean
}

/** A real `next build && next start`. Next resolves packages to their `dist`, so that is built before; types are checked elsewhere. */
export async function startNext(): Promise<RunningNext> {
  const projects = ['next', 'conformance', 'inspector'].map((name) => `packages/${name}/tsconfig.build.json`)
  await run(tsc, ['--build', '--noCheck', ...projects], root)
  await run(inspectorPage, [], root)
  await run(next, ['build'], app)
  const server = spawn(process.execPath, [next, 'start', '--port', '0', '--hostname', '127.0.0.1'], {
    cwd: app,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors: string[] = []
  createInterface(server.stderr).on('line', (line) => errors.push(line))
  const origin = await originOf(server)
  const printed: string[] = []
  createInterface(server.stdout).on('line', (line) => printed.push(line))
  const isAlive = () => server.exitCode === null && server.signalCode === null
  return { origin, printed, errors, isAlive, stop: () => stop(server) }
}

function run(script: string, args: string[], cwd: string): Promise<unknown> {
  return promisify(execFile)(process.execPath, [script, ...args], { cwd, env })
}

/** Reads it from the line that Next prints, and goes on until Next says that it is ready. */
async function originOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('next has no standard output')
  let origin: string | undefined
  for await (const line of createInterface(stdout)) {
    origin ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (origin && line.includes('Ready')) return origin
  }
  throw new Error('next start ended before it was ready')
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGTERM')
  await once(server, 'exit')
}
