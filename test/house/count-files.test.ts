import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './sources.ts'

test('CONTRIBUTING says how many files a delivery passes through', () => {
  const flags = ['--conditions=@hookport/source', '--no-warnings', 'test/house/count-files.ts']
  const printed = execFileSync(process.execPath, flags, { cwd: root, encoding: 'utf8' })
  const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  const said = /: (\d+) to accept it, (\d+) to\s+handle it/.exec(page)?.slice(1)
  expect(said).toEqual([...printed.matchAll(/: (\d+) files$/gm)].map(([, count]) => count))
})
