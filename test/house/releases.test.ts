import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** The repository as it is after its first release: its packages without their code, and no changesets. */
function released(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hookport-releases-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const file of ['package.json', ...globSync('packages/*/package.json', { cwd: root })]) {
    const text = readFileSync(join(root, file), 'utf8')
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(
      join(folder, file),
      text.replaceAll(/("(?:version|@?hookport[^"]*)": "\^?)\d[^"]*"/g, '$11.0.0"'),
    )
  }
  mkdirSync(join(folder, '.changeset'))
  cpSync(join(root, '.changeset/config.json'), join(folder, '.changeset/config.json'))
  return folder
}

function version(folder: string): Map<string, string> {
  const git = (...options: string[]) =>
    execFileSync('git', ['-c', 'user.name=-', '-c', 'user.email=-', ...options], { cwd: folder })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'released')
  const changeset = join(root, 'node_modules/@changesets/cli/bin.js')
  execFileSync(process.execPath, [changeset, 'version'], { cwd: folder, stdio: 'pipe' })
  const packages = globSync('packages/*/package.json', { cwd: folder }).map((file) =>
    JSON.parse(readFileSync(join(folder, file), 'utf8')),
  )
  return new Map(packages.filter(({ private: own }) => !own).map(({ name, version }) => [name, version]))
}

test('a feature of core is a minor version of it, and no break of the packages that it is a peer of', () => {
  const folder = released()
  writeFileSync(
    join(folder, '.changeset/feature.md'),
    "---\n'@hookport/core': minor\n---\n\nCore can do more.\n",
  )

  const versions = version(folder)

  expect(versions.get('@hookport/core')).toBe('1.1.0')
  expect(versions.get('@hookport/express')).toBe('1.0.0')
  expect([...versions.values()].filter((version) => !version.startsWith('1.'))).toEqual([])
})
