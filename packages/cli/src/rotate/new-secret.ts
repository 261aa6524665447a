import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { Flags } from '../flags/flags.ts'
import { Failure, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface NewSecret {
  readonly secret: string
  /** Whether it was created just now. */
  readonly isMade: boolean
  /** Where a person finds it, as it is never shown. */
  readonly where: string
}

/**
 * The new secret, from a file or from the environment. If the file does not exist, it is created with a random secret, readable only by its owner.
 *
 * @param prefix the prefix of a created secret.
 * @throws {UsageError | Failure}
 */
export async function newSecret(flags: Flags, { env }: Terminal, prefix: string): Promise<NewSecret> {
  const file = flags.text('new-secret-file')
  if (file !== undefined) return ofFile(file, prefix, flags.has('dry-run'))
  const secret = env.HOOKPORT_NEW_SECRET
  if (secret) return { secret, isMade: false, where: 'HOOKPORT_NEW_SECRET' }
  throw new UsageError(
    '--new-secret-file is required, or the environment variable HOOKPORT_NEW_SECRET; a file that does not exist is created with a random secret',
  )
}

async function ofFile(file: string, prefix: string, isDryRun: boolean): Promise<NewSecret> {
  try {
    const secret = (await readFile(file, 'utf8')).trimEnd()
    if (secret !== '') return { secret, isMade: false, where: file }
    throw new UsageError(`--new-secret-file ${file}: it is empty`)
  } catch (error) {
    if (error instanceof UsageError) throw error
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Failure(`--new-secret-file: ${(error as Error).message}`)
  }
  if (isDryRun)
    throw new Failure(
      `--new-secret-file ${file}: it does not exist, and a dry run does not create it: give an existing file, or leave out --dry-run`,
    )
  const secret = `${prefix}${randomBytes(32).toString('base64url')}`
  await writeFile(file, secret, { mode: 0o600, flag: 'wx' }).catch((error: Error) => {
    throw new Failure(`--new-secret-file: ${error.message}`)
  })
  return { secret, isMade: true, where: file }
}
