import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import type { Provider } from '@hookport/core'
import { diagnoseSignature } from '@hookport/core/doctor'
import { diagnosisLines } from '../doctor/diagnosis-lines.ts'
import { type Flags, rejectOperands } from '../flags/flags.ts'
import { readSecrets } from '../flags/secret-flag.ts'
import { openUnsecured } from '../provider/open-provider.ts'
import { providerFlags } from '../provider/provider-flags.ts'
import { exitCodes, Failure, UsageError } from '../terminal/exit-codes.ts'
import type { Command } from './command.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Say why a signature does not match. Secrets are not shown',
  synopsis: '--provider NAME|FILE --secret SECRET --body FILE --signature SIGNATURE [--header …]',
  flags: {
    provider: providerFlags.provider,
    secret: {
      value: 'SECRET',
      help: 'as configured; may be repeated. Or the environment variable HOOKPORT_SECRET',
    },
    'other-secret': {
      value: 'NAME=SECRET',
      help: 'of another webhook of yours, in case they were mixed up; may be repeated',
    },
    body: { value: 'FILE', help: 'the body, byte for byte; - for standard input' },
    signature: { value: 'SIGNATURE', help: "the value of the provider's signature header" },
    header: {
      value: "'NAME: VALUE'",
      help: 'another header of the delivery; may be repeated',
    },
    'public-url': {
      value: 'URL',
      help: 'the URL that the sender called, with its query, if it signs the URL: Twilio',
    },
  },
  examples: ['--provider sematryx --secret … --body delivery.json --signature 5f2a…'],
  async run(flags, operands, terminal) {
    rejectOperands('doctor', operands)
    const provider = await openUnsecured(flags, () => readSecrets(flags, terminal))
    const publicUrl = flags.text('public-url')
    let isUrlSigned = false
    const request = {
      method: 'POST',
      get url() {
        isUrlSigned = true
        return publicUrl ?? ''
      },
    }
    const diagnosis = await diagnoseSignature({
      provider: { ...provider, readSignature: (headers) => provider.readSignature(headers, request) },
      secrets: readSecrets(flags, terminal),
      otherSecrets: Object.fromEntries(flags.texts('other-secret').map(readOtherSecret)),
      headers: readHeaders(flags, provider),
      body: await readBody(flags.required('body')),
      request: publicUrl === undefined ? undefined : { method: 'POST', url: publicUrl },
    })
    // Without it, the right signature would not match either.
    if (isUrlSigned && publicUrl === undefined)
      throw new UsageError(`--public-url is required: ${provider.name} signs the URL that it calls`)
    if (flags.has('json')) terminal.print(JSON.stringify(diagnosis))
    else for (const line of diagnosisLines(diagnosis, terminal)) terminal.print(line)
    return diagnosis.cause === 'matches' ? exitCodes.ok : exitCodes.no
  },
}

/** The message does not repeat the value, as it is a secret. */
function readOtherSecret(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError('--other-secret: expected NAME=SECRET')
  return [text.slice(0, at), text.slice(at + 1)]
}

function readHeaders(flags: Flags, { name, signatureHeaders }: Provider): Headers {
  const headers = new Headers()
  for (const text of flags.texts('header')) {
    const at = text.indexOf(':')
    if (at < 1) throw new UsageError(`--header ${text}: expected 'Name: value'`)
    setHeader(`--header ${text}`, () => headers.append(text.slice(0, at).trim(), text.slice(at + 1).trim()))
  }
  const signature = flags.text('signature')
  const [signatureHeader] = signatureHeaders
  if (signature !== undefined) {
    if (signatureHeader === undefined) throw new UsageError(`--signature: ${name} has no signature header`)
    setHeader(`--signature ${signature}`, () => headers.set(signatureHeader, signature))
  }
  if ([...headers.keys()].length === 0) throw new UsageError('--signature or --header is required')
  return headers
}

/** What was copied with a line break in it, or out of formatted text, can't be what was sent. */
function setHeader(flag: string, set: () => void): void {
  try {
    set()
  } catch {
    throw new UsageError(
      `${flag}: no header has such a name or value; was it copied with a line break, or with characters that are not ASCII?`,
    )
  }
}

async function readBody(file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(process.stdin)
  try {
    return await readFile(file)
  } catch (error) {
    throw new Failure(`--body: ${(error as Error).message}`)
  }
}
