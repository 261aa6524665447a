import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { chromiumProgram } from './chromium.ts'
import { nginxProgram } from './nginx.ts'
import { pgBouncerProgram } from './pgbouncer.ts'
import { postgresProgram } from './programs/postgres-programs.ts'

/** A server, or another program, that tests start themselves. `variable` names its program if it is not on PATH. */
interface Needed {
  readonly name: string
  readonly debian: string
  readonly brew: string
  readonly variable: string
  isThere(): boolean
}

const needed: readonly Needed[] = [
  {
    name: 'redis-server',
    debian: 'redis-server',
    brew: 'redis',
    variable: 'REDIS_SERVER',
    isThere: () => runs(process.env.REDIS_SERVER ?? 'redis-server'),
  },
  {
    name: 'postgres',
    debian: 'postgresql',
    brew: 'postgresql',
    variable: 'POSTGRES_BIN',
    isThere: () => runs(postgresProgram('initdb')) && runs(postgresProgram('postgres')),
  },
  {
    name: 'pgbouncer',
    debian: 'pgbouncer',
    brew: 'pgbouncer',
    variable: 'PGBOUNCER',
    isThere: () => runs(pgBouncerProgram()),
  },
  {
    name: 'nginx',
    debian: 'nginx',
    brew: 'nginx',
    variable: 'NGINX',
    isThere: () => runs(nginxProgram(), '-v'),
  },
  {
    name: 'chromium',
    debian: 'chromium',
    brew: '--cask chromium',
    variable: 'CHROMIUM',
    isThere: () => chromiumProgram() !== undefined,
  },
]

/** Global set-up: tests start their servers themselves, so the servers must be installed. Missing ones are installed here, if that is allowed. */
export default function ensureServers(): void {
  const installable = needed.filter((server) => !server.isThere() && !process.env[server.variable])
  if (installable.length > 0 && mayInstall()) install(installable)
  for (const { name, debian, brew, variable } of needed.filter((server) => !server.isThere()))
    process.stderr.write(
      `${name} was not found, and the tests that need it will fail: install it (apt-get install ${debian}, brew install ${brew}), or name it in ${variable}\n`,
    )
}

function runs(program: string, question = '--version'): boolean {
  return spawnSync(program, [question], { stdio: 'ignore' }).status === 0
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && runs('apt-get')
}

/** The packages start their own servers, which no test uses. */
function install(servers: readonly Needed[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const packages = servers.map(({ debian }) => debian)
  try {
    if (packages.includes('postgresql')) makeNoCluster()
    execFileSync('apt-get', ['update'], { stdio: 'ignore', env })
    execFileSync('apt-get', ['install', '-y', ...packages], { stdio: 'ignore', env })
    for (const service of packages) spawnSync('service', [service, 'stop'], { stdio: 'ignore' })
  } catch {
    // The caller says what is missing.
  }
}

/** Debian's package creates a cluster when it is installed, and starts it at each boot, unless it is told not to before. */
function makeNoCluster(): void {
  const file = '/etc/postgresql-common/createcluster.conf'
  if (existsSync(file)) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'create_main_cluster = false\n')
}
