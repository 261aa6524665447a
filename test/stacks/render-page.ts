import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checks } from './checks.ts'
import type { Stack } from './stack.ts'
import { stacks } from './stacks.ts'

const root = join(import.meta.dirname, '../..')

/** `docs/stacks.md`: what was asked of which stack, each cell a test. */
export function renderPage(): string {
  const reasons = [...new Set(stacks.flatMap(({ without = {} }) => Object.values(without)))]
  const ids = checks.map(({ id }) => id)
  return `${[
    introduction(),
    `| stack | tried with | ${ids.join(' | ')} |`,
    `|---|---|${ids.map(() => ':-:|').join('')}`,
    ...stacks.map((stack) => renderRow(stack, reasons)),
    '\nA dash means that the check does not apply:\n',
    ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
    '\n## The columns\n',
    ...checks.map(({ id, promise }) => `- **${id}**: ${promise}.`),
    outside(),
  ].join('\n')}\n`
}

function introduction(): string {
  return `# The stacks that it was tried in

Generated from the tests by \`npm run docs:stacks\`; don't change it by hand.

The code of each linked page is run in the real framework, and gets deliveries over HTTP. Every cell is a test of that name in
[stacks.test.ts](../test/stacks/stacks.test.ts). Next's tests are in [next.test.ts](../test/conformance/next.test.ts), which runs \`next build\` and
\`next start\`. The logger is the default one, and nothing else is configured.
`
}

function outside(): string {
  return `
## Around an application

[nginx](stacks/nginx.md) in front of an application is run by [nginx.test.ts](../test/stacks/nginx.test.ts). [Cloudflare](stacks/cloudflare.md),
[docker-compose with Redis](stacks/docker-compose.md) and [React Router](stacks/react-router.md) are described, but the tests do not run them.`
}

function renderRow({ name, page, packages, without = {} }: Stack, reasons: readonly string[]): string {
  const cells = checks.map(({ id }) => {
    const why = without[id]
    return why === undefined ? '✓' : `– (${reasons.indexOf(why) + 1})`
  })
  const tried = Array.isArray(packages)
    ? packages.map((name) => versionOf(name, name))
    : Object.entries(packages).map(([name, alias]) => versionOf(name, alias))
  return `| [${name}](stacks/${page}.md) | ${tried.join(', ') || 'the Node that runs the tests'} | ${cells.join(' | ')} |`
}

/** What is installed. */
function versionOf(name: string, alias: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', alias, 'package.json'), 'utf8'))
  return `${name} ${version}`
}
