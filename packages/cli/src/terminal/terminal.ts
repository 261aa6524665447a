import { createInterface } from 'node:readline/promises'
import { exitCodes } from './exit-codes.ts'
import { escapedLine } from './printable.ts'

/** Where a command reads and writes. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line of the result. */
  print(line: string): void
  /** Writes bytes of the result as they are. */
  write(bytes: Uint8Array): void
  /** Writes a line about the work, to standard error. */
  note(line: string): void
  /** Rewrites the last line of standard error. Does nothing if that is not a terminal. */
  progress(line: string): void
  /** Asks a person for yes or no, on standard error. Undefined if nobody is there to answer. */
  confirm(question: string): Promise<boolean | undefined>
  /** Whether to write in colour: only to a terminal, and not if NO_COLOR is set. */
  readonly colours: boolean
  /** Aborts when the person wants it to end. */
  readonly signal: AbortSignal
}

const endSignals = ['SIGINT', 'SIGTERM'] as const

/** The terminal of this process. The first SIGINT or SIGTERM ends the work in order, the second one immediately. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  const ending = new AbortController()
  const end = () => {
    for (const signal of endSignals) process.off(signal, end)
    ending.abort()
  }
  for (const signal of endSignals) process.on(signal, end)
  // The reader has read enough, like `head`: nothing is left to do, and it is not an error.
  stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed),
  )
  stderr.on('error', () => {}) // nobody reads the lines about the work
  const eraseLine = stderr.isTTY ? '\r\u001b[2K' : ''
  return {
    env,
    print: (line) => void stdout.write(`${escapedLine(line)}\n`),
    write: (bytes) => void stdout.write(bytes),
    note: (line) => void stderr.write(`${eraseLine}${escapedLine(line)}\n`),
    progress: (line) => void (stderr.isTTY && stderr.write(eraseLine + line)),
    confirm: async (question) =>
      process.stdin.isTTY && stderr.isTTY ? ask(question, ending.signal) : undefined,
    colours: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    signal: ending.signal,
  }
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim())
  } catch {
    return false // Ctrl-C
  } finally {
    lines.close()
  }
}

const codes = { red: 31, green: 32 } as const

export function paint(terminal: Terminal, colour: keyof typeof codes, text: string): string {
  return terminal.colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text
}
