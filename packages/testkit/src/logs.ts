import { inspect } from 'node:util'
import type { Logger } from '@hookport/core'

const ignore = () => {}

export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

export interface LogLine {
  readonly level: keyof Logger
  readonly details: Record<string, unknown>
  readonly message: string
}

export interface RecordedLogger {
  readonly logger: Logger
  readonly lines: LogLine[]
  at(level: keyof Logger): LogLine[]
  /** Everything that was logged, errors with their causes and stacks included. */
  text(): string
}

/** A logger that records its lines. */
export function recordedLogger(): RecordedLogger {
  const lines: LogLine[] = []
  const record = (level: keyof Logger) => (details: Record<string, unknown>, message: string) => {
    lines.push({ level, details, message })
  }
  return {
    logger: { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') },
    lines,
    at: (level) => lines.filter((line) => line.level === level),
    text: () => inspect(lines, { depth: null, maxStringLength: null }),
  }
}
