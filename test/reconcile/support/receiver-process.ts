/** A receiver in a process of its own. */
import type { AddressInfo } from 'node:net'
import { inboxFromEnv } from '../../../examples/inbox/inbox-from-env.ts'
import { observedReceiver } from './observed-receiver.ts'

const { server, stop } = observedReceiver(JSON.parse(process.argv[2] ?? ''), inboxFromEnv())
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', async () => {
  await stop()
  process.exit(0)
})
