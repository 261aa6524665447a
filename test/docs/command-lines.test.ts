import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { runCli } from '../../packages/cli/src/run-cli.ts'
import type { Terminal } from '../../packages/cli/src/terminal/terminal.ts'

const root = join(import.meta.dirname, '../..')
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((page) => page !== '' && !page.endsWith('CHANGELOG.md'))

interface CommandLine {
  readonly page: string
  /** The program and what it is given, without what the shell does with it. */
  readonly words: readonly string[]
}

function blocksOf(language: string): { page: string; block: string }[] {
  return pages.flatMap((page) =>
    [
      ...readFileSync(join(root, page), 'utf8').matchAll(
        new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, 'gms'),
      ),
    ].map(([, block = '']) => ({ page, block })),
  )
}

function commandLines(): CommandLine[] {
  return blocksOf('sh').flatMap(({ page, block }) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .flatMap(commandsIn)
      .map((words) => ({ page, words })),
  )
}

/** The commands of one line: of a pipe, and of what runs one after the other. */
function commandsIn(line: string): string[][] {
  const commands: string[][] = [[]]
  for (const [, single, double, bare = ''] of line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)) {
    if (bare.startsWith('#') || bare === '>') break
    const words = commands.at(-1) as string[]
    if (['|', '&', '&&'].includes(bare)) commands.push([])
    else if (words.length > 0 || !/^[A-Z_]+=/.test(bare)) words.push(single ?? double ?? bare)
  }
  return commands.filter((words) => words.length > 0)
}

async function complaintOfHookport(args: readonly string[]): Promise<string> {
  const notes: string[] = []
  const terminal: Terminal = {
    env: {},
    print: () => {},
    write: () => {},
    note: (line) => notes.push(line),
    progress: () => {},
    confirm: async () => undefined,
    colours: false,
    signal: new AbortController().signal,
  }
  const code = await runCli(args.includes('--help') ? args : [...args, '--help'], terminal)
  return code === 0 ? '' : notes.join('; ')
}

const scriptsOf = (folder: string) =>
  Object.keys(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts ?? {})
const workspaces = globSync(['packages/*', 'examples/*'], { cwd: root })
const published = new Set(
  globSync('packages/*/package.json', { cwd: root }).map(
    (manifest) => JSON.parse(readFileSync(join(root, manifest), 'utf8')).name,
  ),
)

function complaintOfNpm(page: string, [what = '', ...args]: readonly string[]): string {
  if (what === 'ci') return ''
  if (what === 'install' || what === 'ls') {
    const names = args.filter((arg) => arg.startsWith('@hookport/')).map((arg) => arg.replace(/@latest$/, ''))
    return names.filter((name) => !published.has(name)).join()
  }
  const script = what === 'run' ? (args[0] as string) : what
  const flag = args.indexOf('-w')
  const folders = flag >= 0 ? [args[flag + 1] as string] : [dirname(page), '.', ...workspaces]
  const holds = (folder: string) =>
    existsSync(join(root, folder, 'package.json')) && scriptsOf(folder).includes(script)
  return folders.some(holds) ? '' : `no script ${script}`
}

function complaintOfNode(args: readonly string[]): string {
  const file = args.find((arg) => !arg.startsWith('-')) ?? ''
  if (file.includes('/') && !existsSync(join(root, file))) return `there is no ${file}`
  return ''
}

/** Why a command line of a page can't be typed as it stands. Empty where it can. */
async function complaintOf({ page, words }: CommandLine): Promise<string> {
  const [program, ...args] = words
  if (program === 'npx' && /^(@hookport\/cli|hookport)$/.test(args[0] ?? ''))
    return complaintOfHookport(args.slice(1))
  if (program === 'npm') return complaintOfNpm(page, args)
  if (program === 'cd') return existsSync(join(root, args[0] ?? '')) ? '' : 'there is no such folder'
  if (program !== 'node')
    return ['curl', 'export', 'psql'].includes(program ?? '') ? '' : 'an unknown program'
  const ours = args.indexOf('packages/cli/src/main.ts')
  return complaintOfNode(args) || (ours < 0 ? '' : complaintOfHookport(args.slice(ours + 1)))
}

test('every command line of every page is one that its program understands', async () => {
  const lines = commandLines()
  const complaints: string[] = []
  for (const line of lines) {
    const complaint = await complaintOf(line)
    if (complaint !== '') complaints.push(`${line.page}: ${line.words.join(' ')}: ${complaint}`)
  }
  expect(complaints).toEqual([])
  expect(lines.length).toBeGreaterThan(60)
})

test('a command line that is wrong is told of', async () => {
  const wrong = [
    'npx @hookport/cli inbox list --sqlit webhooks.db',
    'npx hookport inboxes',
    'npm run demoo',
    'npm start -w examples/expres',
    'npm install @hookport/expres',
    'node packages/cli/src/mian.ts send',
    'cd examples/inspectors',
    'hokport send',
  ]
  for (const line of wrong)
    for (const words of commandsIn(line))
      expect(await complaintOf({ page: 'README.md', words }), line).not.toBe('')
})

test('every JSON and YAML of every page can be read', () => {
  const [jsons, yamls] = [blocksOf('json'), blocksOf('yaml')]
  for (const { page, block } of jsons) expect(() => JSON.parse(block), page).not.toThrow()
  for (const { page, block } of yamls) expect(() => parse(block), page).not.toThrow()
  expect(jsons.length * yamls.length).toBeGreaterThan(0)
})
