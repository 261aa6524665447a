import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expect, test, vi } from 'vitest'
import { closeGently } from '../../src/node/request/close-gently.ts'

/** A request whose body is still on its way. */
function coming(changes: object = {}) {
  const destroySoon = vi.fn()
  const socket = Object.assign(new EventEmitter(), { destroySoon, end: vi.fn() })
  const request = Object.assign(new EventEmitter(), { resume: vi.fn() })
  const state = { complete: false, destroyed: false, httpVersionMajor: 1, headers: { 'content-length': '5' } }
  return { request: Object.assign(request, { ...state, socket, ...changes }), socket, destroySoon }
}

test('a connection over which more of a body comes is not closed together with the reply', () => {
  const { request, socket, destroySoon } = coming()
  expect(closeGently(request as unknown as IncomingMessage)).toBe(true)
  socket.destroySoon()
  request.emit('data', null) // as something else may announce
  expect(destroySoon).not.toHaveBeenCalled()
  request.emit('end')
  expect(destroySoon).toHaveBeenCalledOnce()
})

test('a connection that goes on, as something else answers on it, does not hold the requests before the last', () => {
  const { request, socket, destroySoon } = coming()
  closeGently(request as unknown as IncomingMessage)
  const { destroySoon: prepared } = socket
  const { request: last } = coming({ socket })
  expect(closeGently(last as unknown as IncomingMessage)).toBe(true)
  expect(socket.destroySoon).toBe(prepared)
  socket.destroySoon()
  request.emit('end')
  expect(destroySoon).not.toHaveBeenCalled()
  last.emit('end')
  expect(destroySoon).toHaveBeenCalledOnce()
})

test.each<[string, object]>([
  ['it belongs to a platform, which has sockets of its own', { socket: new EventEmitter() }],
  ['there is none, as the platform made the request', { socket: undefined }],
  ['the request was destroyed', { destroyed: true }],
  ['the request has no body', { headers: {} }],
  ['the whole body has come', { complete: true }],
])('a connection is left as it is where %s', (_, changes) => {
  const { request, socket, destroySoon } = coming(changes)
  expect(closeGently(request as unknown as IncomingMessage)).toBe(false)
  expect(socket.destroySoon).toBe(destroySoon)
})
