import type { ReceiverAudit } from '../../audit.ts'
import { type Post, post } from '../../http/post-event.ts'
import { expectAccepted, expectEqual } from '../../steps/expect.ts'
import { waitForHandled } from '../../steps/wait-for-runs.ts'
import { newEvent, toBytes } from '../../target/audit-event.ts'

interface Writing {
  id: string
  what: string
  /** Another way to write the same JSON. */
  rewrite?(compact: string): string
  /** JSON for a field of the event's data. */
  value?: string
  sending?: Partial<Post>
}

const mark = '"written by the audit"'
const emoji = '"\u{1F389} \u00e9 \u65e5\u672c"'

const writings: Writing[] = [
  { id: 'H101', what: 'compact JSON' },
  { id: 'H102', what: 'JSON with white space inside', rewrite: indented },
  { id: 'H103', what: 'JSON with white space around', rewrite: (json) => ` \t${json}  ` },
  {
    id: 'H104',
    what: 'JSON with CRLF line ends',
    rewrite: (json) => indented(json).replaceAll('\n', '\r\n'),
  },
  { id: 'H105', what: 'JSON with a trailing newline', rewrite: (json) => `${json}\n` },
  { id: 'H106', what: 'emoji as UTF-8', value: emoji },
  { id: 'H107', what: 'emoji as escapes', value: '"\\ud83c\\udf89 \\u00E9"' },
  { id: 'H108', what: 'escaped control characters', value: '"\\u001b[31m \\u0000 \\t \\/ \\u2028"' },
  {
    id: 'H109',
    what: 'numbers as Python writes them',
    value: '[1.4e-05, 1.0, -0.0, 1E5, 10000000000000000000001]',
  },
  { id: 'H110', what: 'a field given twice', value: '{"a":1,"a":2}' },
  { id: 'H111', what: 'a field named __proto__', value: '{"__proto__":{"admin":true}}' },
  { id: 'H112', what: 'chunks of one byte', value: emoji, sending: { pieceBytes: 1, chunked: true } },
  { id: 'H113', what: 'segments of one byte', value: emoji, sending: { pieceBytes: 1 } },
  {
    id: 'H114',
    what: 'NaN and infinities as Python writes them',
    value: '[NaN, Infinity, -Infinity, "NaN"]',
  },
]

/** A body reaches its handler exactly as it was signed. */
export const exactBytesAudits = writings.map(
  ({ id, what, rewrite = (json) => json, value = 'null', sending }): ReceiverAudit => ({
    id,
    name: `MUST accept ${what}, and pass on the exact bytes`,
    promise: 'authentic',
    async run(target) {
      const event = newEvent(target, { data: { written: JSON.parse(mark) } })
      const body = toBytes(rewrite(JSON.stringify(event.payload)).replace(mark, () => value))
      expectAccepted(await post(target, { body, ...sending }))
      const run = await waitForHandled(target, event.id)
      expectEqual('rawBody in base64', run.rawBody, Buffer.from(body).toString('base64'))
    },
  }),
)

function indented(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2)
}
