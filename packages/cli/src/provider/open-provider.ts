import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Provider, SecretOptions } from '@hookport/core'
import { providersByName } from '@hookport/providers/by-name'
import type { Flags } from '../flags/flags.ts'
import { readSecret } from '../flags/secret-flag.ts'
import { Failure, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { providerNames } from './provider-flags.ts'

type MakeProvider = (options: SecretOptions & { publicUrl?: string }) => Provider

export interface OpenProvider {
  readonly provider: Provider
  /** Of a sender with a key pair. */
  readonly privateKey: string | undefined
}

/**
 * The definition that the flags name, with the secret that they give.
 *
 * @throws {UsageError | Failure}
 */
export async function openProvider(flags: Flags, terminal: Terminal, name?: string): Promise<OpenProvider> {
  const named = name ?? flags.text('provider')
  if (named === undefined)
    throw new UsageError(`--provider is required: ${providerNames.join(', ')}, or a file with a definition`)
  const make = isFile(named) ? await definitionIn(named) : builtIn(named, flags)
  if (typeof make !== 'function') return { provider: make, privateKey: await readKey(flags) }
  const privateKey = await readKey(flags)
  const publicUrl = flags.text('public-url') ?? (named === 'twilio' ? flags.text('url') : undefined)
  try {
    return {
      provider: make({
        ...secretOf(flags, terminal, privateKey),
        ...(publicUrl !== undefined && { publicUrl }),
      }),
      privateKey,
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError((error as Error).message)
  }
}

function secretOf(flags: Flags, terminal: Terminal, privateKey: string | undefined): SecretOptions {
  if (flags.has('unsigned')) return { allowUnsigned: true }
  if (privateKey === undefined) return { secret: readSecret(flags, terminal) }
  const key: KeyObject = createPublicKey(privateKey)
  return { secret: key.export({ format: 'pem', type: 'spki' }).toString() }
}

function builtIn(name: string, flags: Flags): MakeProvider {
  const known = flags.text('provider') === name ? flags.choice('provider', providerNames) : name
  return providersByName[known ?? ''] as MakeProvider
}

/** A name has no dots and slashes. */
function isFile(name: string): boolean {
  return /[./\\]/.test(name)
}

/** What a file exports by default, or the one function or provider that it exports. */
async function definitionIn(file: string): Promise<MakeProvider | Provider> {
  const exported = await load(file)
  const { default: byDefault, ...named } = exported
  const candidates = byDefault === undefined ? Object.values(named) : [byDefault]
  const found = candidates.filter((one) => typeof one === 'function' || isProvider(one))
  const [definition, ...others] = found
  if (definition === undefined || others.length > 0)
    throw new Failure(
      `--provider ${file}: it exports ${found.length} definitions; export one by default: what defineProvider makes, or a function of { secret } that answers it`,
    )
  return definition as MakeProvider | Provider
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const fix =
      code === 'ERR_UNKNOWN_FILE_EXTENSION' ? `; Node 22.18 and later read ${extname(file)} files` : ''
    throw new Failure(`--provider ${file}: ${message}${fix}`)
  }
}

function isProvider(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'readSignature' in value
}

async function readKey(flags: Flags): Promise<string | undefined> {
  const file = flags.text('private-key')
  if (file === undefined) return undefined
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new Failure(`--private-key: ${error.message}`)
  })
}
