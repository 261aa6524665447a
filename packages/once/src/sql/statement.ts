/**
 * A statement and its values, as a tagged template gives them. The `sql` tags of Drizzle and Kysely and `$queryRaw` of Prisma accept these parts
 * directly. Drivers are given text with placeholders.
 */
export interface Statement {
  readonly parts: TemplateStringsArray
  readonly values: readonly unknown[]
  /** Whether it creates a table or an index. Some drivers have another method for statements that return no rows. */
  readonly isDefinition?: boolean
}

/** Statements that are inserted become part of the text. Everything else is a value. */
export function statement(strings: readonly string[], ...inserted: readonly unknown[]): Statement {
  const parts = [strings[0] ?? '']
  const values: unknown[] = []
  const append = (text: string) => parts.push(`${parts.pop()}${text}`)
  for (const [index, one] of inserted.entries()) {
    if (isStatement(one)) {
      append(one.parts[0] ?? '')
      parts.push(...one.parts.slice(1))
      values.push(...one.values)
      append(strings[index + 1] ?? '')
    } else {
      values.push(one)
      parts.push(strings[index + 1] ?? '')
    }
  }
  return { parts: Object.assign(parts, { raw: parts }), values }
}

/** Text that is inserted unchanged: checked names, numbers, SQL of a dialect. */
export function verbatim(text: string): Statement {
  return statement([text])
}

export function definition(text: string): Statement {
  return { ...verbatim(text), isDefinition: true }
}

export function joined(statements: readonly Statement[]): Statement {
  return statement(['', ...statements.slice(1).map(() => ', '), ''], ...statements)
}

/** The same statement with other values. A statement that runs for every event is only put together once. */
export function withValues({ parts }: Statement, ...values: readonly unknown[]): Statement {
  return { parts, values }
}

const texts = new WeakMap<TemplateStringsArray, string>()

/**
 * The text of a statement, with a placeholder for each value: `$1` or `?`. It is always the same for one statement. Not `?1`: to `node:sqlite` of
 * Node 22.13 that is a name.
 */
export function textOf({ parts }: Statement, sign: '$' | '?'): string {
  const known = texts.get(parts)
  if (known !== undefined) return known
  const text = parts.reduce((text, part, index) => `${text}${sign === '?' ? sign : `${sign}${index}`}${part}`)
  texts.set(parts, text)
  return text
}

function isStatement(value: unknown): value is Statement {
  return typeof value === 'object' && value !== null && 'parts' in value
}
