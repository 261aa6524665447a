import type { Logger } from '../contracts/logger.ts'
import { lineOf } from './log-line.ts'

/**
 * The logger where none was given. Warnings and errors go to standard error, one line each: readable, or JSON with `NODE_ENV=production`. Where there
 * is no standard error, they go to the console.
 */
export const standardErrorLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: (details, message) => write('warn', details, message),
  error: (details, message) => write('error', details, message),
}

function ignore(): void {}

/** Edge runtimes have none, or one that throws. Their compilers warn about it unless it is looked up on `globalThis`. */
function standardError(): NodeJS.WriteStream | undefined {
  try {
    return globalThis.process?.stderr
  } catch {
    return undefined
  }
}

function write(level: 'warn' | 'error', details: Record<string, unknown>, message: string): void {
  const line = lineOf(level, details, message)
  const stream = standardError()
  if (typeof stream?.write !== 'function') {
    // biome-ignore lint/suspicious/noConsole: the only place left to say it
    console[level](line)
    return
  }
  stream.write(`${line}\n`, (error) => {
    // Nobody reads standard error any more. That must not end the process, as an error without a listener does.
    if (error && stream.listenerCount('error') === 0) stream.once('error', ignore)
  })
}
