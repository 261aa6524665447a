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
  /** The key of a sender with a key pair. */
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
  const secret = secretOf(flags, terminal, privateKey)
  return {
    provider: made(named, make, { ...secret, ...(publicUrl !== undefined && { publicUrl }) }),
    privateKey,
  }
}

/**
 * The definition that the flags name, for whoever brings secrets of his own: even one that can't be a secret.
 *
 * @param secrets those secrets. A sender may have both secrets and public keys, and how it signs with them differs.
 * @throws {UsageError | Failure}
 */
export async function openUnsecured(flags: Flags, secrets: () => readonly string[]): Promise<Provider> {
  const named = flags.required('provider')
  if (!isFile(named)) return ofSecrets(builtIn(named, flags), secrets)
  const make = await definitionIn(named)
  if (typeof make !== 'function') return make
  const publicUrl = flags.text('public-url')
  return made(named, make, { secret: () => undefined, ...(publicUrl !== undefined && { publicUrl }) })
}

function ofSecrets(make: MakeProvider, secrets: () => readonly string[]): Provider {
  try {
    return make({ secret: secrets() })
  } catch {
    return make({ allowUnsigned: true })
  }
}

/** @throws {UsageError} for options that the maker refuses. @throws {Failure} if a file exports anything but a maker. */
function made(named: string, make: MakeProvider, options: Parameters<MakeProvider>[0]): Provider {
  let provider: unknown
  try {
    provider = make(options)
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
  if (isProvider(provider)) return provider
  if (provider instanceof Promise) provider.catch(() => {}) // its result is not awaited
  throw new Failure(
    `--provider ${named}: the function that it exports returned ${provider instanceof Promise ? 'a promise' : typeof provider}; it must return, synchronously, what defineProvider makes`,
  )
}

function secretOf(flags: Flags, terminal: Terminal, privateKey: string | undefined): SecretOptions {
  if (flags.has('unsigned')) return { allowUnsigned: true }
  if (privateKey === undefined) return { secret: readSecret(flags, terminal) }
  return { secret: publicKeyOf(privateKey).export({ format: 'pem', type: 'spki' }).toString() }
}

/** What Node says about a file that is no key names neither the file nor the reason. */
function publicKeyOf(privateKey: string): KeyObject {
  try {
    return createPublicKey(privateKey)
  } catch {
    throw new UsageError('--private-key: the file has no private key in PEM, such as openssl genpkey writes')
  }
}

function builtIn(name: string, flags: Flags): MakeProvider {
  const known = flags.text('provider') === name ? flags.choice('provider', providerNames) : name
  return providersByName[known ?? ''] as MakeProvider
}

/** Names contain no dots or slashes. */
function isFile(name: string): boolean {
  return /[./\\]/.test(name)
}

/** The default export of a file, or the only function or provider that it exports. */
async function definitionIn(file: string): Promise<MakeProvider | Provider> {
  const exported = await load(file)
  const { default: byDefault, ...named } = exported
  const candidates = byDefault === undefined ? Object.values(named) : [byDefault]
  const found = candidates.filter((one) => typeof one === 'function' || isProvider(one))
  const [definition, ...others] = found
  if (definition === undefined || others.length > 0)
    throw new Failure(
      `--provider ${file}: it exports ${found.length} definitions; export one by default: what defineProvider makes, or a function of { secret } that returns it`,
    )
  return definition as MakeProvider | Provider
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    const isUnread = error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION'
    const fix = isUnread ? `; Node 22.18 and later read ${extname(file)} files` : ''
    throw new Failure(`--provider ${file}: ${messageOf(error)}${fix}`)
  }
}

/** A file may throw anything. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isProvider(value: unknown): value is Provider {
  if (typeof value !== 'object' || value === null) return false
  const { readSignature, readPayload } = value as Partial<Provider>
  return typeof readSignature === 'function' && typeof readPayload === 'function'
}

async function readKey(flags: Flags): Promise<string | undefined> {
  const file = flags.text('private-key')
  if (file === undefined) return undefined
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new Failure(`--private-key: ${error.message}`)
  })
}
