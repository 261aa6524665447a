import { format } from 'node:util'

const log = (level: string) => (details: object, message: string) => {
  process.stderr.write(`${level} ${message} ${format('%o', details)}\n`)
}

/** In an application of yours: pino. */
export const stderrLogger = { debug: () => {}, info: log('info'), warn: log('warn'), error: log('error') }
