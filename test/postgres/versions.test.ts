import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, test } from 'vitest'
import { postgresOf } from './support/postgres-of.ts'

const root = join(import.meta.dirname, '../..')

/** The newest of each version from 13 on, as packages in the registry hold them. */
const releases = [
  '13.23.0-beta.16',
  '14.23.0-beta.17',
  '15.18.0-beta.17',
  '16.14.0-beta.17',
  '17.10.0-beta.17',
  '18.4.0-beta.17',
]

const minutes = 60_000

/** Each takes a minute and more: they are part of `npm run test:all`. */
test.runIf(process.env.TEST_ALL).for(releases.map((release) => ({ version: versionOf(release), release })))(
  'Postgres $version: all tests of @hookport/postgres hold',
  { timeout: 10 * minutes },
  async ({ version, release }, { skip }) => {
    const programs = await postgresOf(release)
    if (programs === undefined) return skip('the registry has none for this platform')
    expect(await versionIn(programs)).toContain(` ${version}`)
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const report = join(temporaryFolder(), 'report.json')
    const reporter = ['--reporter=json', `--outputFile=${report}`]
    const args = [vitest, 'run', '--typecheck=false', ...reporter, 'packages/postgres/test']
    const env = { ...process.env, POSTGRES_BIN: programs }
    await promisify(execFile)(process.execPath, args, { cwd: root, env }).catch(() => {}) // the report says why
    expect(failuresIn(await readFile(report, 'utf8'))).toEqual([])
  },
)

function versionOf(release: string): string {
  return release.split('.').slice(0, 2).join('.')
}

async function versionIn(programs: string): Promise<string> {
  const { stdout } = await promisify(execFile)(join(programs, 'postgres'), ['--version'])
  return stdout
}

function failuresIn(report: string): string[] {
  const { testResults, numPassedTests } = JSON.parse(report) as {
    numPassedTests: number
    testResults: { name: string; status: string; message: string; assertionResults: Result[] }[]
  }
  expect(numPassedTests).toBeGreaterThan(250)
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((result) => result.status === 'failed')
    if (status === 'failed' && failed.length === 0) return [`${name}: ${message}`]
    return failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n')}`)
  })
}

interface Result {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}
