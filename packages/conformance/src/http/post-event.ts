import type { Agent } from 'node:http'
import { type AuditTarget, defaultPatienceMs } from '../target/audit-target.ts'
import { type HttpReply, openRequest } from './open-request.ts'

export interface Post {
  readonly body: Uint8Array
  /** Replace the usual ones, by name in lower case. Undefined removes one. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>> | undefined
  readonly method?: string | undefined
  /** Defaults to the target's `url`. */
  readonly url?: string | undefined
  /** Without Content-Length. */
  readonly chunked?: boolean | undefined
  /** Sends this many bytes at a time. */
  readonly pieceBytes?: number | undefined
  readonly agent?: Agent | undefined
}

/** Opens a delivery, signed unless `headers` say otherwise. The body is not sent. */
export function openPost(
  target: AuditTarget,
  { body, headers = {}, method = 'POST', url, chunked, agent }: Post,
) {
  const { signatureHeader } = target.provider
  const usual = {
    'Content-Type': 'application/json',
    [signatureHeader]: target.provider.sign(body, target.secret),
    ...(chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(body.length) }),
  }
  const patienceMs = target.patienceMs ?? defaultPatienceMs
  return openRequest(url ?? target.url, { method, headers: lay(headers, usual), agent, patienceMs })
}

/** Sends a whole delivery. */
export async function post(target: AuditTarget, sending: Post): Promise<HttpReply> {
  const { body, pieceBytes = body.length } = sending
  const open = openPost(target, sending)
  for (let offset = 0; offset < body.length; offset += pieceBytes) {
    await open.write(body.subarray(offset, offset + pieceBytes))
  }
  open.end()
  return open.reply
}

/** Sends a delivery `times` times, each on its own connection, so that all of them are complete at the same moment. */
export async function postAtOnce(target: AuditTarget, times: number, sending: Post): Promise<HttpReply[]> {
  const open = Array.from({ length: times }, () => openPost(target, sending))
  await Promise.all(open.map(({ write }) => write(sending.body.subarray(0, -1))))
  await waitUntilRead(target, sending)
  for (const { end } of open) end(sending.body.subarray(-1))
  return Promise.all(open.map(({ reply }) => reply))
}

/** Once a later request is answered, the server has most likely read the bytes of earlier connections. */
async function waitUntilRead(target: AuditTarget, { url }: Post): Promise<void> {
  const { end, reply } = openPost(target, { url, method: 'GET', body: new Uint8Array() })
  end()
  await reply
}

function lay(
  over: NonNullable<Post['headers']>,
  usual: Record<string, string>,
): Record<string, string | string[]> {
  const names = new Set(Object.keys(over).map((name) => name.toLowerCase()))
  const kept = Object.entries(usual).filter(([name]) => !names.has(name.toLowerCase()))
  const laid = Object.entries(over).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  )
  return Object.fromEntries([...kept, ...laid])
}
