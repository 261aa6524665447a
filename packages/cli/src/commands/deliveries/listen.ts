import { isIPv6 } from 'node:net'
import { rejectOperands } from '../../flags/flags.ts'
import { readTimeoutMs } from '../../flags/timeout-flag.ts'
import { deliveryJson, deliveryLine } from '../../listen/delivery-line.ts'
import { Listener } from '../../listen/listener.ts'
import { inboxFile, localInboxFlag, openLocalInbox } from '../../listen/local-inbox.ts'
import { openProvider } from '../../provider/open-provider.ts'
import { providerFlags } from '../../provider/provider-flags.ts'
import { withoutPassword } from '../../send/post.ts'
import { postUrl } from '../../send/send-made.ts'
import { exitCodes, Failure, UsageError } from '../../terminal/exit-codes.ts'
import type { Command } from '../command.ts'

const defaultPort = 4242
const defaultTimeoutMs = 30_000

export const listenCommand: Command = {
  name: 'listen',
  summary: 'Receive deliveries behind a tunnel, verify and keep them, and forward them to an application',
  synopsis: '--provider NAME|FILE --secret SECRET [--forward URL] [flags]',
  flags: {
    ...providerFlags,
    forward: {
      value: 'URL',
      help: 'where authentic deliveries are sent, unchanged: https, or http to a loopback host',
    },
    'allow-http': { help: 'allow http to other hosts too, such as those of a Docker network' },
    port: { value: 'N', help: `where to listen; 0 for a free port (${defaultPort})` },
    host: {
      value: 'HOST',
      help: 'where to listen (127.0.0.1, where tunnels end); anyone who reaches it can send',
    },
    'timeout-ms': { value: 'N', help: `how long the application may take (${defaultTimeoutMs})` },
    ...localInboxFlag,
  },
  examples: ['--provider stripe --secret whsec_… --forward http://localhost:3000/webhooks/stripe'],
  async run(flags, operands, terminal) {
    rejectOperands('listen', operands)
    const forward = flags.has('forward') ? postUrl('forward', flags) : undefined
    const host = flags.text('host') ?? '127.0.0.1'
    if (host === '') throw new UsageError('--host is empty, which would be every address of this machine')
    const port = flags.number('port', { max: 65_535, whole: true }) ?? defaultPort
    const timeoutMs = readTimeoutMs(flags) ?? defaultTimeoutMs
    const { provider } = await openProvider(flags, terminal)
    const isJson = flags.has('json')
    const listener = new Listener({
      provider,
      inbox: await openLocalInbox(flags),
      forward,
      timeoutMs,
      signal: terminal.signal,
      onDelivery: (delivery) =>
        terminal.print(isJson ? deliveryJson(delivery) : deliveryLine(delivery, terminal)),
    })
    try {
      const actual = await listener.listen(port, host).catch((error: Error) => {
        throw new Failure(`can't listen on port ${port}: ${error.message}`)
      })
      terminal.note(
        `${provider.name} at http://${isIPv6(host) ? `[${host}]` : host}:${actual}${forward ? `, forwarded to ${withoutPassword(forward)}` : ''}`,
      )
      terminal.note(`kept in ${inboxFile(flags)}: hookport resend ID sends a delivery again. Ctrl-C ends it`)
      await aborted(terminal.signal)
    } finally {
      await listener.close()
    }
    return exitCodes.ok
  },
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
