import { once } from 'node:events'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryInbox } from '@hookport/core'
import { inspector } from '@hookport/inspector'
import { recordedLogger } from '@hookport/testkit/logs'
import { describe, expect, onTestFinished, test } from 'vitest'

describe.each([
  ['a request whose host is none', { host: '[' }, 400],
  ['any other', { host: 'localhost' }, 200],
])('where middleware patches the response, %s', (_, headers, status) => {
  async function askedBehind(patch: (response: ServerResponse) => unknown) {
    const { logger, lines } = recordedLogger()
    const page = inspector(memoryInbox(), { authorize: () => true, logger })
    const unanswered: unknown[] = []
    const server = createServer((request, response) => {
      patch(response)
      page(request, response).catch((error) => unanswered.push(error))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const asked = request({ port, host: '127.0.0.1', headers }).end()
    const answer = await once(asked, 'response').catch(() => [{ resume() {} }])
    answer[0].resume()
    expect(unanswered).toEqual([])
    return { status: answer[0].statusCode, lines }
  }

  test('is answered, if its methods only return nothing', async () => {
    expect(await askedBehind(returnNothing)).toEqual({ status, lines: [] })
  })

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['throw', (response) => Object.assign(response, { end: fail, destroy: fail })],
    ['reject', (response) => Object.assign(response, { end: async () => fail() })],
  ])('can not end the process, if its methods %s: the log says it', async (_, patch) => {
    const asking = askedBehind((response) => {
      patch(response)
      setTimeout(() => response.socket?.destroy(), 200)
    })
    expect((await asking).lines).toMatchObject([
      { level: 'error', message: 'an answer of the inspector could not be written' },
    ])
  })
})

test('an error handling that fails on the same response can not end the process either: the log says it, and the connection ends', async () => {
  const { logger, lines } = recordedLogger()
  const page = inspector(memoryInbox(), { authorize: () => true, logger })
  const server = createServer((request, response) =>
    page(request, Object.assign(response, { end: fail }), fail),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const asked = request({ port, host: '127.0.0.1', headers: { connection: 'close' } }).end()
  const ended = once(asked, 'response').then(([answer]) => once(answer.resume(), 'end'))
  await expect(ended).rejects.toThrow(/socket hang up|aborted/)
  expect(lines).toMatchObject([{ message: 'an answer of the inspector could not be written' }])
})

/** As connectLogger of log4js does. */
function returnNothing(response: ServerResponse): void {
  for (const name of ['writeHead', 'setHeader', 'end'] as const) {
    const method = response[name] as (...args: unknown[]) => unknown
    Object.assign(response, { [name]: (...args: unknown[]) => void method.apply(response, args) })
  }
}

function fail(): never {
  throw new Error('the response is broken')
}
