import { describe, expect, test } from 'vitest'
import { hookport } from './support/run-command.ts'

const commands = ['send', 'emulate', 'doctor', 'inbox', 'postgres']

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
    [['send', '--provider', 'jaott'], '--provider jaott: expected sematryx, jaot; did you mean jaot?'],
    [['send', '--provider'], '--provider needs a value'],
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
      ['send', '--provider', 'jaot', '--url', 'http://localhost', '--form', 'compact'],
      '--form compact: expected real, documented',
    ],
    [['send', 'now'], 'send takes no operand: now'],
    [['emulate', '--port', '70000'], '--port 70000: expected a whole number from 0 to 65535'],
    [['doctor'], '--provider is required'],
    [['doctor', '--provider', 'githb'], 'did you mean github?'],
    [['doctor', '--provider', 'jaot', '--secret', 's'], '--signature or --header is required'],
    [['inbox'], 'inbox needs an action: counts, list, show, redrive, discard'],
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

test('colours only where the terminal takes them', async () => {
  expect((await hookport(['sned'], { colours: true })).noted).toContain('\u001b[31m')
  expect((await hookport(['sned'])).noted).not.toContain('\u001b')
})
