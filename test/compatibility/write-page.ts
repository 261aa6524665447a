import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundles, measure } from '../consumers/support/bundles.ts'
import { type Outcome, renderPage } from './render-page.ts'
import { renderSizes } from './render-sizes.ts'

const root = join(import.meta.dirname, '../..')
const folder = await mkdtemp(join(tmpdir(), 'hookport-compatibility-'))
try {
  const report = join(folder, 'report.json')
  const suites = ['test/runtimes', 'test/consumers', 'test/postgres/versions.test.ts']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--typecheck=false', ...reporters]
  spawnSync(process.execPath, [...args, ...suites], {
    cwd: root,
    env: { ...process.env, TEST_ALL: '1' },
    stdio: 'inherit',
  })
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
    testResults: { assertionResults: Outcome[] }[]
  }
  const outcomes = testResults.flatMap(({ assertionResults }) => assertionResults)
  const today = new Date().toISOString().slice(0, 10)
  const sizes = await Promise.all(
    bundles.map(async ({ name, source }) => [name, await measure(source)] as const),
  )
  const page = `${renderPage(outcomes, today)}\n${renderSizes(new Map(sizes))}`
  await writeFile(join(root, 'docs/compatibility.md'), page)
} finally {
  await rm(folder, { recursive: true, force: true })
}
