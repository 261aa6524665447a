import { createHmac } from 'node:crypto'
import { Session } from 'node:inspector/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createReceiver, defineProvider, readHexDigest, requireText } from '@hookport/core'

// Prints the files of core that one delivery passes through on its way to the inbox, and on to its handler: those of which a function runs.
// node --conditions=@hookport/source test/house/count-files.ts

const secret = 'a secret'
const provider = defineProvider({
  name: 'acme',
  secret,
  signatureHeaders: ['x-acme-signature'],
  retryHorizon: 0,
  events: {},
  readSignature(headers) {
    const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
    return digest ? { digests: [digest] } : 'missing'
  },
  readEnvelope: (payload) => ({
    id: requireText(payload, 'id'),
    type: requireText(payload, 'type'),
    createdAt: undefined,
  }),
})
const receiver = createReceiver({ provider })
receiver.onEvent('order.paid' as never, () => {})

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

await deliver('first') // what runs once only is no part of the way
await receiver.idle()
await takeFiles()
await deliver('second')
print('accept', await takeFiles())
await receiver.idle()
print('handle', await takeFiles())
await receiver.stop()

async function deliver(id: string): Promise<void> {
  const body = Buffer.from(JSON.stringify({ id, type: 'order.paid' }))
  const headers = new Headers({ 'x-acme-signature': createHmac('sha256', secret).update(body).digest('hex') })
  const { status } = await receiver.receive({ method: 'POST', url: '/', headers, readBody: () => body })
  if (status !== 200) throw new Error(`the delivery was answered ${status}`)
}

/** The files of core in which a function has run since the last call. */
async function takeFiles(): Promise<string[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const root = fileURLToPath(new URL('../../packages/core/src/', import.meta.url))
  return result
    .filter(({ url }) => url.startsWith('file:') && fileURLToPath(url).startsWith(root))
    .filter(({ functions }) => functions.some(({ ranges }) => ranges.some(({ count }) => count > 0)))
    .map(({ url }) => relative(root, fileURLToPath(url)))
    .sort()
}

function print(part: string, files: readonly string[]): void {
  process.stdout.write(`${part}: ${files.length} files\n${files.map((file) => `  ${file}\n`).join('')}`)
}
