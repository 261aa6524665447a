import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { CannotSign, type SignedRequest, sampleTypes, signedRequest } from '@hookport/testing'
import type { Flags } from '../flags/flags.ts'
import type { OpenProvider } from '../provider/open-provider.ts'
import { providerNames } from '../provider/provider-flags.ts'
import { Failure, UsageError } from '../terminal/exit-codes.ts'
import { applySettings, readSettings, type Setting } from './set-fields.ts'

/** The parts of every event of a run. */
export interface Recipe extends OpenProvider {
  readonly type: string
  /** The body, as in its file. Undefined for a sample. */
  readonly body: Uint8Array | undefined
  readonly settings: readonly Setting[]
}

/** @throws {UsageError | Failure} */
export async function readRecipe(
  flags: Flags,
  open: OpenProvider,
  type = flags.text('type'),
): Promise<Recipe> {
  const file = flags.text('body')
  const body = file === undefined ? undefined : await readBody(file)
  const { name, typeHeader } = open.provider
  const usual = providerNames.includes(name) ? sampleTypes(name)[0] : undefined
  if (
    type === undefined &&
    (typeHeader !== undefined || usual === undefined) &&
    (body === undefined || typeHeader)
  )
    throw new UsageError(
      `--type is required: ${name} ${usual ? 'names the type in a header' : 'has no samples'}`,
    )
  return {
    ...open,
    type: type ?? (body ? '' : (usual ?? '')),
    body,
    settings: readSettings(flags.texts('set')),
  }
}

/** Signs a new event each time, with a new id unless the body has one. */
export async function makeRequest({
  provider,
  privateKey,
  type,
  body,
  settings,
}: Recipe): Promise<SignedRequest> {
  const about = { type, privateKey }
  try {
    const request = await signedRequest(provider, body ? { ...about, payload: body } : about)
    if (settings.length === 0) return request
    const contentType = request.headers['content-type'] ?? ''
    const payload = changed(request.body, contentType, settings)
    return await signedRequest(provider, { ...about, payload, headers: { 'content-type': contentType } })
  } catch (error) {
    if (error instanceof CannotSign) throw new Failure(error.message)
    throw error
  }
}

function changed(body: Uint8Array, contentType: string, settings: readonly Setting[]): string {
  const text = Buffer.from(body).toString()
  if (contentType.includes('form')) {
    const fields = applySettings(Object.fromEntries(new URLSearchParams(text)), settings) as object
    const written = Object.entries(fields).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
    return new URLSearchParams(written).toString()
  }
  try {
    return JSON.stringify(applySettings(JSON.parse(text), settings))
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--set: the body is not JSON: ${error.message}`)
    throw error
  }
}

async function readBody(file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(process.stdin)
  return readFile(file).catch((error: Error) => {
    throw new Failure(`--body: ${error.message}`)
  })
}
