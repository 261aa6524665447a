import type { Inbox, KeptEvent, Provider } from '@hookport/core'
import { CannotSign, signedRequest } from '@hookport/testing'
import { eventsOf } from '../../inbox/list.ts'
import { openSqlite } from '../../inbox/open-inbox.ts'
import { answerOf } from '../../listen/delivery-line.ts'
import { inboxFile, localInboxFlag } from '../../listen/local-inbox.ts'
import { openProvider } from '../../provider/open-provider.ts'
import { providerFlags } from '../../provider/provider-flags.ts'
import { isSuccess, post } from '../../send/post.ts'
import { postUrl } from '../../send/send-made.ts'
import { exitCodes, Failure, UsageError } from '../../terminal/exit-codes.ts'
import { printableLine } from '../../terminal/printable.ts'
import type { Command } from '../command.ts'

const timeoutMs = 30_000

export const resendCommand: Command = {
  name: 'resend',
  summary: 'Send a delivery that listen has kept to an application again, with a new signature',
  synopsis: 'ID… --provider NAME|FILE --secret SECRET --forward URL [flags]',
  flags: {
    ...providerFlags,
    forward: { value: 'URL', help: 'the application: https, or http to a loopback host' },
    'allow-http': { help: 'allow http to other hosts too, such as those of a Docker network' },
    ...localInboxFlag,
  },
  examples: ['evt_1 --provider stripe --secret whsec_… --forward http://localhost:3000/webhooks/stripe'],
  async run(flags, ids, terminal) {
    if (ids.length === 0) throw new UsageError('resend needs the id, or the key, of an event')
    const forward = postUrl('forward', flags)
    const { provider, privateKey } = await openProvider(flags, terminal)
    const { inbox, close } = await openSqlite(inboxFile(flags))
    let isGood = true
    try {
      for (const id of ids) {
        const event = await findEvent(inbox, provider, id)
        if (!event) {
          terminal.note(`no event ${id} in ${inboxFile(flags)}`)
          isGood = false
          continue
        }
        const request = await signAnew(provider, event, privateKey)
        const attempt = await post(forward, request, { timeoutMs, signal: terminal.signal })
        const { status, error, durationMs } = attempt
        isGood &&= isSuccess(attempt)
        if (flags.has('json')) terminal.print(JSON.stringify({ key: event.key, status, error, durationMs }))
        else terminal.print(printableLine(`${event.type} ${event.id} -> ${answerOf(attempt)}`))
      }
    } finally {
      await close()
    }
    return isGood ? exitCodes.ok : exitCodes.no
  },
}

/** Finds it by its key, or by its sender's id. */
async function findEvent(inbox: Inbox, { name }: Provider, id: string): Promise<KeptEvent | undefined> {
  const byKey = (await inbox.get(id)) ?? (await inbox.get(`${name}:${id}`))
  if (byKey) return byKey
  for await (const event of eventsOf(inbox, {})) if (event.id === id) return inbox.get(event.key)
  return undefined
}

async function signAnew(
  provider: Provider,
  { type, id, rawBody }: KeptEvent,
  privateKey: string | undefined,
) {
  try {
    return await signedRequest(provider, { type, id, payload: rawBody, privateKey })
  } catch (error) {
    if (error instanceof CannotSign) throw new Failure(error.message)
    throw error
  }
}
