import { execFileSync, spawnSync } from 'node:child_process'

const missing =
  'redis-server was not found, and the tests that need it will fail: install it (apt-get install redis-server, brew install redis), or name it in REDIS_SERVER\n'

/** Global set-up: tests start Redis themselves, so it has to be installed. Where it is not, and may be, it is installed. */
export default function ensureRedis(): void {
  if (runs(process.env.REDIS_SERVER ?? 'redis-server')) return
  if (!process.env.REDIS_SERVER && mayInstall()) installRedis()
  if (!runs(process.env.REDIS_SERVER ?? 'redis-server')) process.stderr.write(missing)
}

function runs(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && runs('apt-get')
}

/** The package starts a Redis of its own; no test uses it. */
function installRedis(): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['update'], { stdio: 'ignore', env })
    execFileSync('apt-get', ['install', '-y', 'redis-server'], { stdio: 'ignore', env })
    spawnSync('service', ['redis-server', 'stop'], { stdio: 'ignore' })
  } catch {
    // What is missing is said by the caller.
  }
}
