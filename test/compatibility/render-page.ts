/** One test, as Vitest reports it. */
export interface Outcome {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: string
}

interface Row {
  passed: number
  failed: number
  skipped: number
}

/** @param outcomes of `test/runtimes`, `test/postgres/versions.test.ts` and `test/consumers`, all of them. */
export function renderPage(outcomes: readonly Outcome[], on: string): string {
  return `# Compatibility

Written by \`npm run docs:compatibility\` on ${on}; do not edit. It runs the whole matrix, and fetches each runtime from the registry.

## Runtimes

Each runtime runs the audits of an adapter ([what they check](../packages/conformance/README.md)) on \`webWebhooks\`, the handler of the Web standard, and takes an event through
\`@hookport/sqlite\`. What the platform decides (how it closes connections, how it reads bodies) is skipped by name in [the tests](../test/runtimes).

| runtime | audits passed | skipped: decided by the platform, or not applicable | failed | SQLite inbox |
| --- | --- | --- | --- | --- |
${runtimeRows(outcomes).join('\n')}

Node before 22.13 is not supported: \`node:sqlite\` needs a flag there, and the command says so. Next runs the same audits on both of its runtimes: [its tests](../test/conformance/next.test.ts).

## Postgres

All tests of [@hookport/postgres](../packages/postgres), with the inbox suite, are run on servers of each version. The project's own tests run on the newest installed one.

| version | all pass |
| --- | --- |
${postgresRows(outcomes).join('\n')}

Postgres before 13 is not supported, and a receiver says so when it starts.

## Compilers, bundlers, package managers

The packages are packed as for publishing, and installed by npm and by pnpm. pnpm is strict: an application sees only its own dependencies, and so does each package. An application that
exports its webhooks is compiled with \`declaration: true\`, \`composite\`, \`exactOptionalPropertyTypes\` and \`skipLibCheck: false\`.

| | npm | pnpm |
| --- | --- | --- |
${consumerRows(outcomes).join('\n')}

Not supported: \`moduleResolution: node10\` (it does not know \`exports\`), and TypeScript below 5.7. CommonJS can \`require\` the packages, as Node has supported that for modules since 22.12. In
TypeScript that needs \`nodenext\`, from 5.8 on, or \`node20\`: with \`node16\` it is TS1479. Jest
runs with \`--experimental-vm-modules\`, as its documentation says for modules. Next builds with webpack by \`next build --webpack\`; it can't build routes for its edge runtime that way.
`
}

function runtimeRows(outcomes: readonly Outcome[]): string[] {
  const names = [...new Set(outcomes.flatMap(({ ancestorTitles }) => runtimeIn(ancestorTitles) ?? []))]
  return names.map((name) => {
    const ofIt = outcomes.filter(({ ancestorTitles }) => runtimeIn(ancestorTitles) === name)
    const audits = count(ofIt.filter(({ title }) => /^H\d/.test(title)))
    const sqlite = ofIt.find(({ title }) => title.includes('SQLite'))
    const kept = sqlite === undefined || sqlite.status !== 'passed' ? '–' : 'yes'
    return `| ${name} | ${audits.passed} | ${audits.skipped} | ${audits.failed} | ${kept} |`
  })
}

function postgresRows(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ title, status }) => {
    const version = /^Postgres (\S+):/.exec(title)?.[1]
    return version ? [`| ${version} | ${status === 'passed' ? 'yes' : status} |`] : []
  })
}

function runtimeIn(titles: readonly string[]): string | undefined {
  return titles.find((title) => /^(Node|Bun|Deno|workerd)\b/.test(title))
}

function consumerRows(outcomes: readonly Outcome[]): string[] {
  const cells = new Map<string, Record<string, string>>()
  const mark = (what: string, manager: string, status: string) => {
    const row = cells.get(what) ?? {}
    row[manager] = status === 'passed' ? 'yes' : status
    cells.set(what, row)
  }
  for (const { ancestorTitles, title, status } of outcomes) {
    const compiled = /TypeScript (\S+), (\S+), (npm|pnpm)/.exec(title)
    if (compiled) mark(`TypeScript ${compiled[1]}, \`${compiled[2]}\``, compiled[3] as string, status)
    const manager = /installed by (npm|pnpm)/.exec(ancestorTitles.join(' '))?.[1]
    if (manager) mark(title, manager, status)
  }
  return [...cells].map(([what, { npm = '–', pnpm = '–' }]) => `| ${what} | ${npm} | ${pnpm} |`)
}

function count(outcomes: readonly Outcome[]): Row {
  const of = (status: string) => outcomes.filter((outcome) => outcome.status === status).length
  const [passed, failed] = [of('passed'), of('failed')]
  return { passed, failed, skipped: outcomes.length - passed - failed }
}
