import { expect, test } from 'vitest'
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
    setTimeout(() => worker.process.kill('SIGKILL'), 10_000).unref()
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
