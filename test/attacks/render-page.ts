import type { Answer, Attack } from './attack.ts'
import { sections, stagedAttacks } from './attacks.ts'
import { adapters } from './support/adapters.ts'

const tests = '../test/attacks'

const reaches: Record<Attack['reach'], string> = {
  nowhere: 'nothing is parsed',
  parser: 'nothing is stored',
  handler: 'handled',
  'dead letter': 'a dead letter',
}

/** `docs/attacks.md`: every attack, what it is answered, and the test that says so. */
export function renderPage(): string {
  const rows = sections.flatMap(({ title, attacks }) => [
    `\n## ${title}\n`,
    '| test | input | answer | so |',
    '|---|---|---|---|',
    ...attacks.map(renderRow),
  ])
  const staged = stagedAttacks.map(
    ({ id, input, answer, file }) =>
      `| ${id} | ${cell(input)} | ${cell(answer)} | [${file}](${tests}/${file}) |`,
  )
  return `${[introduction(), ...rows, '\n## In several steps\n', '| test | input | answer | in |', '|---|---|---|---|', ...staged].join('\n')}\n`
}

function introduction(): string {
  return `# What hostile input is answered

Generated from the table of attacks by \`npm run docs:attacks\`; don't change it by hand.

Every row is a test with its id in [attacks.test.ts](${tests}/attacks.test.ts), run over raw sockets through ${Object.keys(adapters).join(', ')}.
In each of them, the adapter throws nothing, and nothing that is not authentic reaches a parser, the store or a handler. The log gets a line without
control characters for each thing that happens, and the next delivery on another connection is answered 200. Next is not in this table: its handlers are
those of Hono and of \`node:http\`, and the receiver audits run against a real \`next start\`.

\`signed\` inputs are authentic: their sender has the secret. An answer without a code comes from the HTTP parser in front of hookport, before
or during the request.`
}

function renderRow({ id, input, answers, except = {}, reach, runs }: Attack): string {
  const exceptions = Object.entries(except).map(
    ([adapter, { answers = [], why }]) => `; ${adapter}: ${renderAnswers(answers)}, ${why}`,
  )
  const times = runs === undefined ? '' : `, ${runs === 1 ? 'once' : `${runs} times`}`
  return `| ${id} | ${cell(input)} | ${renderAnswers(answers)}${exceptions.join('')} | ${reaches[reach]}${times} |`
}

function renderAnswers(answers: readonly Answer[]): string {
  return (
    answers.map(({ status, code }) => (code ? `${status} \`${code}\`` : `${status}`)).join(', then ') ||
    'nobody is there'
  )
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
