import { listTriggers } from '@hookport/providers/jaot-api'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { expect, test } from 'vitest'

test('an answer without an end is given up, and takes up no memory', async () => {
  let written = 0
  const mebibyte = Buffer.alloc(1024 * 1024, 0x20)
  const baseUrl = await serveApp((_, response) => {
    const more = () => {
      written += mebibyte.length
      if (response.write(mebibyte)) setImmediate(more)
    }
    response.on('drain', more)
    more()
  })
  await expect(listTriggers({ baseUrl, apiKey: 'key' })).rejects.toMatchObject({
    code: 'unexpected',
    status: 200,
    message: expect.stringContaining('the answer is too long'),
  })
  expect(written).toBeLessThan(64 * mebibyte.length)
})

test('an answer of several megabytes is read', async () => {
  const name = 'x'.repeat(4 * 1024 * 1024)
  const baseUrl = await serveApp((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify([{ id: 'one', name }]))
  })
  const list = await listTriggers({ baseUrl, apiKey: 'key' })
  expect(JSON.stringify(list)).toContain(name)
})
