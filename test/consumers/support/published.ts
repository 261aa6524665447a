import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** What a registry shows of a package, and what its page needs. */
const wanted = [
  'description',
  'keywords',
  'license',
  'author',
  'homepage',
  'bugs',
  'repository',
  'engines',
  'publishConfig',
] as const

/** Files that are published, beside `dist` and `src`. */
const alwaysThere = ['LICENSE', 'README.md', 'package.json']

/** @returns what is wrong with a package as it would be published, in sentences. */
export async function complaintsAbout(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const { messages } = await publint({ pkgDir: folder, pack: false, strict: true })
  const missing = wanted.filter((field) => manifest[field] === undefined)
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const needless = files.filter((file) => /(^|\/)(test|fixtures)\/|tsbuildinfo|\.test\./.test(file))
  return [
    ...messages.map((message) => formatMessage(message, manifest) ?? message.code),
    ...missing.map((field) => `package.json has no ${field}`),
    ...alwaysThere.filter((file) => !files.includes(file)).map((file) => `it has no ${file}`),
    ...needless.map((file) => `${file} is nobody’s business`),
  ]
}

/** How its types resolve. Nothing of ours is for `node10`, which knows no exports; CommonJS modules load ESM by `require`. */
const known = new Set(['CJSResolvesToESM', 'NoResolution:node10'])

/** @returns what TypeScript would find wrong with the types of a package, entry by entry. */
export async function typeComplaintsAbout(tarball: string): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(await readFile(tarball)))
  if (!result.types) return []
  return result.problems
    .filter(
      (problem) =>
        !known.has(problem.kind) &&
        !('resolutionKind' in problem && known.has(`${problem.kind}:${problem.resolutionKind}`)),
    )
    .map((problem) => JSON.stringify(problem))
}
