import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hookport } from './support/run-command.ts'

const commands = [
  'send',
  'trigger',
  'listen',
  'resend',
  'emulate',
  'doctor',
  'inbox',
  'postgres',
  'rotate-secret',
]

test('--help lists the commands and the exit codes', async () => {
  const { exitCode, printed } = await hookport(['--help'])
  expect(exitCode).toBe(0)
  for (const name of commands) expect(printed).toContain(`  ${name}`)
  expect(printed).toContain('Exit codes:')
})

test.each(commands)('%s --help shows every flag, and does nothing else', async (name) => {
  const { exitCode, printed } = await hookport([name, '--help'])
  expect(exitCode).toBe(0)
  expect(printed).toContain(`hookport ${name}`)
  expect(printed).toContain('--json')
})

test.each(commands)('help %s and %s -h are its --help', async (name) => {
  const help = await hookport([name, '--help'])
  expect(await hookport(['help', name])).toEqual(help)
  expect(await hookport([name, '-h'])).toEqual(help)
})

test('help and -h alone list the commands', async () => {
  const help = await hookport(['--help'])
  expect(await hookport(['help'])).toEqual(help)
  expect(await hookport(['-h'])).toEqual(help)
})

test('--version is that of the package, and nothing else', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  expect(await hookport(['--version'])).toEqual({ exitCode: 0, printed: version, noted: '' })
})

test('no command: the help, and exit code 2', async () => {
  expect(await hookport([])).toMatchObject({ exitCode: 2, printed: expect.stringContaining('Commands:') })
})

describe('a mistake is told, with the nearest name, and exit code 2', () => {
  test.each([
    [['sned'], 'unknown command sned; did you mean send?'],
    [['xyzzy'], 'unknown command xyzzy'],
    [['send', '--provder', 'jaot'], 'unknown flag --provder; did you mean --provider?'],
    [['send', '-p', 'jaot'], 'unknown flag -p'],
    [['send', '--toString'], 'unknown flag --toString'],
    [['send', '--provider', 'jaott'], 'discord; did you mean jaot?'],
    [['send', '--provider'], '--provider needs a value'],
    [
      ['inbox', 'replay', '--all', '--handler', '--dry-run', '--sqlite', 'none.db'],
      '--handler needs a value: --handler NAME',
    ],
    [['rotate-secret', 'jaot', '--secret', '--dry-run'], '--secret needs a value'],
    [['inbox', 'list', '--type', '-h'], '--type needs a value'],
    [['send', '--json=yes'], '--json takes no value'],
    [['send'], '--provider is required'],
    [['send', '--provider', 'jaot'], '--url is required'],
    [
      ['send', '--provider', 'jaot', '--url', 'http://localhost', '--count', '0'],
      '--count 0: expected a whole number from 1',
    ],
    [['send', '--provider', 'jaot', '--url', 'http://localhost'], '--secret is required'],
    [
      ['send', '--provider', 'jaot', '--url', 'http://example.test', '--secret', 's'],
      'url must be https, or http to a loopback host',
    ],
    [
      ['send', '--provider', 'jaot', '--url', 'http://localhost', '--secret', 's', '--tamper', '2'],
      '--tamper 2: expected a number from 0 to 1',
    ],
    [
      ['send', '--provider', 'jaot', '--url', 'http://localhost', '--secret', 's', '--future-by-ms', '9e15'],
      'futureByMs must be from 0 to 86400000000000: 9000000000000000',
    ],
    [
      ['send', '--provider', 'jaot', '--url', 'http://localhost', '--form', 'compact'],
      '--form compact: expected real, documented',
    ],
    [['send', 'now'], 'send takes no operand: now'],
    [
      ['send', '--provider', 'jaot', '--url', 'http://shop:3000', '--secret', 's', '--set', 'a=1'],
      '--url: url must be https, or http to a loopback host: http://shop:3000; --allow-http allows',
    ],
    [
      ['send', '--provider', 'github', '--url', 'http://localhost', '--secret', 's', '--tamper', '1'],
      '--tamper is only for',
    ],
    [['send', '--provider', 'stripe', '--url', 'http://localhost', '--set', 'data'], '--secret is required'],
    [
      ['send', '--provider', 'stripe', '--url', 'http://localhost', '--secret', 's', '--set', 'a'],
      '--set a: expected PATH=VALUE',
    ],
    [['trigger'], 'trigger needs a type'],
    [['trigger', '--list', '--provider', 'strpe'], '--provider strpe: expected sematryx, jaot'],
    [['trigger', 'invoice.pade'], 'did you mean invoice.paid?'],
    [
      ['trigger', 'invoice.paid', '--url', 'http://localhost'],
      'invoice.paid is sent by stripe and standard-webhooks',
    ],
    [['send', '--provider', 'jaot', '--url', 'http://me:50%@localhost', '--secret', 's'], 'write it as %25'],
    [
      ['rotate-secret', 'sematryx', '--url', 'http://localhost', '--switched', '99999999999d'],
      '--switched 99999999999d: expected a time',
    ],
    [
      [
        'send',
        '--provider',
        'stripe',
        '--url',
        'http://localhost',
        '--secret',
        's',
        '--type',
        'invoice.paid',
        '--timeout-ms',
        '0.5',
      ],
      '--timeout-ms 0.5: expected a whole number from 1 to 2147483647',
    ],
    [
      ['listen', '--provider', 'github', '--secret', 's', '--timeout-ms', '3000000000'],
      '--timeout-ms 3000000000: expected a whole number from 1 to 2147483647',
    ],
    [['emulate', '--timeout-ms', '3000000000'], 'timeoutMs must be from 0 to 2147483647: 3000000000'],
    [['listen'], '--provider is required'],
    [['resend'], 'resend needs the id'],
    [['help', 'sned'], 'did you mean send?'],
    [['emulate', '--host', '', '--port', '0'], 'host is empty'],
    [['listen', '--provider', 'github', '--secret', 's', '--host', '', '--port', '0'], '--host is empty'],
    [['emulate', '--port', '70000'], '--port 70000: expected a whole number from 0 to 65535'],
    [['doctor'], '--provider is required'],
    [['doctor', '--provider', 'githb'], 'did you mean github?'],
    [['doctor', '--provider', 'jaot', '--secret', 's'], '--signature or --header is required'],
    [['inbox'], 'inbox needs an action: counts, list, watch, show, redrive, discard'],
    [['inbox', 'lits'], 'unknown action lits; did you mean list?'],
    [['inbox', 'list'], '--redis URL, --sqlite FILE or --postgres URL is required'],
    [['inbox', 'list', '--redis', 'redis://x', '--sqlite', 'y'], '--redis and --sqlite exclude each other'],
  ])('hookport %j', async (args, message) => {
    const { exitCode, printed, noted } = await hookport(args)
    expect(noted).toContain(message)
    expect(noted).toContain('--help')
    expect(printed).toBe('')
    expect(exitCode).toBe(2)
  })
})

test('a value that looks like a flag is taken where it is written with an equals sign', async () => {
  const { noted } = await hookport(['inbox', 'list', '--type=--json', '--sqlite', '/nowhere/webhooks.db'])
  expect(noted).toContain('there is no such file')
})

test('colours only where the terminal takes them', async () => {
  expect((await hookport(['sned'], { colours: true })).noted).toContain('\u001b[31m')
  expect((await hookport(['sned'])).noted).not.toContain('\u001b')
})
