import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { root } from '../reference/public-entries.ts'

/** A page of the repository that lies outside of `docs`, and where the site has it. Paths are from the root. */
interface CopiedPage {
  readonly source: string
  readonly copy: string
}

const folder = 'docs/copied'

/** What a reader of the site wants to find in it: the READMEs of what is published, and the pages of the root. */
export const copiedPages: readonly CopiedPage[] = [
  ...readmes(),
  { source: 'packages/conformance/INBOX.md', copy: `${folder}/packages/inbox-suite.md` },
  { source: 'SECURITY.md', copy: `${folder}/security.md` },
  { source: 'CONTRIBUTING.md', copy: `${folder}/contributing.md` },
]

/** VitePress takes no page from outside of its folder. */
export function copyPages(): void {
  rmSync(join(root, folder), { recursive: true, force: true })
  for (const { source, copy } of copiedPages) {
    mkdirSync(dirname(join(root, copy)), { recursive: true })
    copyFileSync(join(root, source), join(root, copy))
  }
}

function readmes(): CopiedPage[] {
  return globSync('packages/*/README.md', { cwd: root })
    .sort()
    .filter((readme) => !isPrivate(dirname(readme)))
    .map((source) => ({ source, copy: `${folder}/packages/${basename(dirname(source))}.md` }))
}

function isPrivate(workspace: string): boolean {
  return JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')).private === true
}
