import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readRawBody } from '../../src/node/request/read-raw-body.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

test('a request that is still in use, as its reply waits, does not hold its body', async () => {
  const content = () => [Buffer.alloc(100_000, 'a'), Buffer.alloc(100_000, 'b')]
  const request = Object.assign(Readable.from(content(), { autoDestroy: false }), { headers: {} })
  const read = async () => new WeakRef(await readRawBody(request as unknown as IncomingMessage, 1e6))
  const body = await read()
  await expect
    .poll(() => {
      collectGarbage()
      return body.deref() === undefined
    })
    .toBe(true)
  expect(request.destroyed).toBe(false)
})

test.each([
  ['announces too much', 'payload_too_large', { headers: { 'content-length': '9' }, destroyed: false }],
  ['is gone already', 'request_aborted', { headers: {}, destroyed: true }],
])(
  'where it %s, the refusal is a promise of the language: zone.js tells of its own as unhandled, and may end the process',
  async (_when, code, request) => {
    class ZoneAwarePromise<T> extends Promise<T> {}
    vi.stubGlobal('Promise', ZoneAwarePromise)
    onTestFinished(() => void vi.unstubAllGlobals())
    const reading = readRawBody(Object.assign(Readable.from([]), request) as unknown as IncomingMessage, 8)
    expect(reading).not.toBeInstanceOf(ZoneAwarePromise)
    await expect(reading).rejects.toMatchObject({ code })
  },
)

test('what is there already where a reader listens is not refused at once: zone.js tells of that as unhandled, too', async () => {
  const refusedAtOnce: boolean[] = []
  class ZoneAwarePromise<T> extends Promise<T> {
    constructor(make: ConstructorParameters<typeof Promise<T>>[0]) {
      let isMade = false
      super((resolve, reject) => {
        make(resolve, (reason) => {
          refusedAtOnce.push(!isMade)
          reject(reason)
        })
      })
      isMade = true
    }
  }
  const stream = Readable.from([Buffer.alloc(9)]).on('readable', () => {})
  await once(stream, 'readable')
  vi.stubGlobal('Promise', ZoneAwarePromise)
  onTestFinished(() => void vi.unstubAllGlobals())
  const reading = readRawBody(Object.assign(stream, { headers: {} }) as unknown as IncomingMessage, 8)
  await expect(reading).rejects.toMatchObject({ code: 'payload_too_large' })
  expect(refusedAtOnce).toEqual([false])
})
