import type { Logger } from '@hookport/core'

/** One line per entry, without stacks. */
export function stderrLogger(): Logger {
  const write = (level: string) => (about: object, message: string) => {
    const { err, ...rest } = about as { err?: Error }
    process.stderr.write(`${level} ${message} ${JSON.stringify(rest)} ${err?.message ?? ''}\n`)
  }
  return { debug: () => {}, info: () => {}, warn: write('warn'), error: write('error') }
}
