import type { Logger } from '@hookport/core'

export interface LogLine {
  level: keyof Logger
  details: Record<string, unknown>
  message: string
}

/** A logger that keeps its lines. */
export function recordingLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: keyof Logger) => (details: Record<string, unknown>, message: string) => {
    lines.push({ level, details, message })
  }
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines }
}
