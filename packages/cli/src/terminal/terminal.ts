/** Where a command reads and writes. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line of the result. */
  print(line: string): void
  /** Writes bytes of the result as they are. */
  write(bytes: Uint8Array): void
  /** Writes a line about the work, to standard error. */
  note(line: string): void
  /** Rewrites the last line of standard error; does nothing where that is not a terminal. */
  progress(line: string): void
  /** Whether to write in colour: only to a terminal, and not where NO_COLOR is set. */
  readonly colours: boolean
  /** Aborts when the person wants it to end. */
  readonly signal: AbortSignal
}

/** The terminal of this process. The first SIGINT or SIGTERM ends the work in order, the second one at once. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  const eraseLine = stderr.isTTY ? '\r\u001b[2K' : ''
  return {
    env,
    print: (line) => void stdout.write(`${line}\n`),
    write: (bytes) => void stdout.write(bytes),
    note: (line) => void stderr.write(`${eraseLine}${line}\n`),
    progress: (line) => void (stderr.isTTY && stderr.write(eraseLine + line)),
    colours: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    signal: ending.signal,
  }
}

const codes = { red: 31, green: 32 } as const

export function paint(terminal: Terminal, colour: keyof typeof codes, text: string): string {
  return terminal.colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text
}
