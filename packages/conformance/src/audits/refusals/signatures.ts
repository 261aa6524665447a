import type { AuditedPromise, ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectRefused } from '../../steps/expect.ts'
import { forgeries, signatureOf, signedWith } from '../../steps/forgeries.ts'
import { expectNoRun, waitForHandled } from '../../steps/wait-for-runs.ts'
import { newEvent, toBytes } from '../../target/audit-event.ts'

const promise: AuditedPromise = 'authentic'

const refusals = forgeries.map(
  ({ id, what, code = 'invalid_signature', forge }): ReceiverAudit => ({
    id,
    name: `MUST refuse a delivery ${what}, and show it to no handler`,
    promise,
    async run(target) {
      const event = newEvent(target)
      expectRefused(await post(target, forge(event, target)), 401, code)
      await expectNoRun(target, event.id)
    },
  }),
)

/** Which deliveries are trusted, and which are not. */
export const signatureAudits: ReceiverAudit[] = [
  ...refusals,
  {
    id: 'H140',
    name: 'MUST check the signature before it parses the body',
    promise,
    async run(target) {
      for (const text of ['not json', '', '[]', '{}', '"\ud800']) {
        const sending = signedWith(
          target,
          toBytes(text),
          target.provider.sign(toBytes('{}'), `${target.secret}2`),
        )
        expectRefused(
          await post(target, sending),
          401,
          'invalid_signature',
          `the reply to ${JSON.stringify(text)}`,
        )
      }
    },
  },
  {
    id: 'H141',
    name: 'MUST find the signature whatever the letter case of the header name',
    promise,
    async run(target) {
      const { signatureHeader } = target.provider
      for (const name of [signatureHeader.toLowerCase(), signatureHeader.toUpperCase()]) {
        const event = newEvent(target)
        const headers = { [name]: signatureOf(target, event.body) }
        expectAccepted(await post(target, { body: event.body, headers }), `the reply to ${name}`)
        await waitForHandled(target, event.id)
      }
    },
  },
]
