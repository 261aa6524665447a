import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeWebhooks } from '@hookport/core/node'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { expect, onTestFinished, test } from 'vitest'
import { printed, snippetWith } from './snippets.ts'

/** A worker of a cluster with the lines of the guide, and a primary that sends it a signal while its handler runs. */
function cluster(signal: string): string {
  return `
import cluster from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { sematryxWebhooks } from '@hookport/express'
import { deliver } from '@hookport/testing'

if (cluster.isPrimary) {
  const worker = cluster.fork()
  worker.once('message', () => {
    worker.process.kill('${signal}')
    setTimeout(() => worker.process.kill('SIGKILL'), 30_000).unref()
  })
  worker.once('exit', (code, by) => console.log('ended:', by ?? code))
} else {
  const webhooks = sematryxWebhooks({ secret: 'any secret', logger: false })
  webhooks.onEvent('optimization.completed', async () => {
    process.send?.('begun')
    await sleep(300)
    console.log('handled')
  })
  const app = express().use('/webhooks/sematryx', webhooks)
  ${snippetWith('deploying.md', 'server.close(').replace('3000', '0')}
  server.once('listening', () => void deliver(webhooks, { type: 'optimization.completed' }))
}
`
}

test.each(['SIGTERM', 'SIGINT'])(
  'with the lines of the guide a worker of a cluster finishes what it handles, and ends, at %s',
  { timeout: 60_000 },
  async (signal) => {
    expect(await printed(cluster(signal))).toBe('handled\nended: 0\n')
  },
)

/** As in the guide, but its 4 s are 40 ms. */
const soon = (work: () => void, ms: number) => setTimeout(work, ms / 100)

test('the lines for SIGTERM stop the receiver, also while a WebSocket on the same server stays open', async () => {
  const webhooks = nodeWebhooks(sematryxReceiver({ secret: 'any secret', logger: false }))
  const server = createServer(webhooks)
  server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
  const app = { listen: () => server.listen(0, '127.0.0.1') }
  const process = new EventEmitter()
  const lines = snippetWith('deploying.md', 'SIGTERM')
  new Function('app', 'webhooks', 'process', 'setTimeout', lines)(app, webhooks, process, soon)
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  await once(socket, 'data')

  process.emit('SIGTERM')
  await expect.poll(() => webhooks.health()).toMatchObject({ reasons: [{ code: 'stopped' }, {}] })
  expect(await Promise.race([once(server, 'close'), sleep(100, 'open')])).toBe('open')
})
