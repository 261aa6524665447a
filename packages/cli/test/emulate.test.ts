import { expect, test } from 'vitest'
import { hookport } from './support/run-command.ts'

test('runs until it is told to end; each attempt is a line', async () => {
  const ending = new AbortController()
  const lines: Array<Record<string, unknown>> = []
  const command = hookport(['emulate', '--port', '0', '--json', '--time-scale', '0'], {
    signal: ending.signal,
    print: (line) => lines.push(JSON.parse(line)),
  })
  await expect.poll(() => lines[0]).toMatchObject({ msg: 'listening' })
  const url = String(lines[0]?.url)
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { authorization: 'Bearer key' },
      body: JSON.stringify(body),
    })
  await post('/v1/webhooks', { url: 'http://me:secret@127.0.0.1:9', events: ['context.updated'] })
  await post('/emulator/events', { provider: 'sematryx', type: 'context.updated' })
  await expect.poll(() => lines).toHaveLength(7)
  expect(lines[6]).toMatchObject({ msg: 'attempt', type: 'context.updated', error: 'connection refused' })
  expect(lines[6]?.url, 'without its password').toBe('http://127.0.0.1:9/')
  ending.abort()
  expect(await command).toMatchObject({ exitCode: 0 })
  await expect(fetch(url)).rejects.toThrow()
})

test('a type that somebody made up does not steer the terminal', async () => {
  const ending = new AbortController()
  const lines: string[] = []
  const print = (line: string) => void lines.push(line)
  const command = hookport(['emulate', '--port', '0', '--time-scale', '0'], {
    signal: ending.signal,
    print,
    note: print,
  })
  await expect.poll(() => lines[0]).toMatch(/^Sematryx and JAOT at /)
  const url = lines[0]?.replace('Sematryx and JAOT at ', '') ?? ''
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { authorization: 'Bearer key' },
      body: JSON.stringify(body),
    })
  const model = { document_id: 'd', version_id: 'v' }
  await post('/api/v2/triggers/', { name: 't', webhook_url: 'http://127.0.0.1:9', ...model })
  const count = lines.length
  await post('/emulator/events', { provider: 'jaot', type: 'a\u001b[2Jb', event: { event: 'a', data: {} } })
  await expect.poll(() => lines.length).toBeGreaterThan(count)
  expect(lines[count]).toContain('a\ufffd[2Jb')
  ending.abort()
  await command
})

test('a port that is taken: exit code 3', async () => {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  expect.assert(address !== null && typeof address === 'object')
  expect(await hookport(['emulate', '--port', String(address.port)])).toMatchObject({ exitCode: 3 })
  server.close()
})
