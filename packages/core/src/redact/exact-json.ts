/** Part of the standard, but newer than TypeScript's library: numbers as they are written, which JavaScript may not be able to represent. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown
  rawJSON?(text: string): object
  isRawJSON?(value: unknown): boolean
}

const standard = JSON as unknown as ExactJson

/** Writes JSON as it was read: an integer beyond 2^53 stays the same. */
export const exactJson = {
  /** Undefined for what is not JSON. */
  parse(text: string): unknown {
    try {
      return standard.parse(text, (_key, value, { source }) =>
        typeof value === 'number' && source !== undefined && String(value) !== source
          ? (standard.rawJSON?.(source) ?? value)
          : value,
      )
    } catch {
      return undefined
    }
  },
  write: (value: unknown): string => JSON.stringify(value),
  /** Whether a value represents a number that is kept as it was written. */
  isNumber: (value: unknown): value is object => standard.isRawJSON?.(value) === true,
}
