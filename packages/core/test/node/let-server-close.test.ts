import type { ServerResponse } from 'node:http'
import { expect, test, vi } from 'vitest'
import { letServerClose } from '../../src/node/reply/write-reply.ts'

/** The header that the second of two replies gets, between which the server closes. */
function headersAtTheEnd(changes: object = {}, wasListening = true): unknown[] {
  const server = { listening: wasListening }
  const setHeader = vi.fn()
  const response = { headersSent: false, req: { httpVersionMajor: 1 }, socket: { server }, setHeader }
  const reply = (more: object) => letServerClose({ ...response, ...more } as unknown as ServerResponse)
  reply('req' in changes ? changes : {})
  server.listening = false
  reply(changes)
  return setHeader.mock.calls
}

test('a connection ends with the reply where its server has closed', () => {
  expect(headersAtTheEnd()).toEqual([['connection', 'close']])
})

test.each<[string, object, boolean]>([
  ['the head has gone out', { headersSent: true }, true],
  ['it is one of HTTP/2, which has no such header', { req: { httpVersionMajor: 2 } }, true],
  ['a platform has made the response', { req: undefined }, true],
  ['its server has never listened', {}, false],
])('a reply gets no header where %s', (_, changes, wasListening) => {
  expect(headersAtTheEnd(changes, wasListening)).toEqual([])
})
