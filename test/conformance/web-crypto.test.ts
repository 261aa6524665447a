import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { httpProbe } from '@hookport/conformance'
import { targetAt, withoutNode } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { type Running, serving } from '@hookport/testkit/http/serving'
import { expect, test } from 'vitest'
import { describeSamples } from './support/describe-samples.ts'

const running = serving(start)
const probe = () => httpProbe(`${running.origin}/probe`)

describeAudits('Request to Response without node:crypto', () =>
  withoutNode(targetAt(running.origin, probe())),
)
describeSamples('Request to Response without node:crypto', () => running.origin, probe)

test('it was Web Crypto that computed the digests', async () => {
  expect(await (await fetch(`${running.origin}/signed`)).json()).toBeGreaterThan(100)
})

/** In a process of its own, in which core is loaded without `node:crypto`. */
async function start(): Promise<Running> {
  const script = join(import.meta.dirname, 'support/web-crypto-server.ts')
  const server = spawn(process.execPath, ['--conditions=@hookport/source', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [origin] = (await once(createInterface(server.stdout), 'line')) as [string]
  return {
    origin,
    async stop() {
      server.kill()
      await once(server, 'exit')
    },
  }
}
