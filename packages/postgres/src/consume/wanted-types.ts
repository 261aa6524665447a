import { encodeText, type TakeRequest } from '@hookport/core/inbox-kit'
import type { Database } from '../connection/database.ts'
import { isUntranslatable } from '../connection/kinds-of-error.ts'
import { inAscii } from '../events/event-row.ts'

/**
 * The wanted types as the table has them. If the encoding of the database lacks a character of an event, its type is in ASCII. So a type with other
 * characters has two forms, and the encoding may lack the first: then that can't even be asked for.
 */
export class WantedTypes {
  readonly #database: Database
  readonly #forms = new Map<string, readonly string[]>()

  constructor(database: Database) {
    this.#database = database
  }

  /** To be awaited before `of`. Asks once for each type that is not in ASCII. */
  async learn({ types }: TakeRequest['wanted']): Promise<void> {
    if (types === 'all') return
    for (const type of types) {
      const text = encodeText(type)
      const ascii = inAscii(text)
      if (text === ascii || this.#forms.has(type)) continue
      this.#forms.set(type, (await this.#canBeWritten(text)) ? [text, ascii] : [ascii])
    }
  }

  /** NULL for all types. */
  of({ types }: TakeRequest['wanted']): string[] | null {
    return types === 'all' ? null : types.flatMap((type) => this.#forms.get(type) ?? encodeText(type))
  }

  async #canBeWritten(text: string): Promise<boolean> {
    try {
      await this.#database.ask('SELECT $1::text', [text])
      return true
    } catch (error) {
      if (isUntranslatable(error)) return false
      throw error
    }
  }
}
