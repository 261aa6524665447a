import { runCli } from '../../src/run-cli.ts'
import type { Terminal } from '../../src/terminal/terminal.ts'

export interface Ran {
  exitCode: number
  /** Standard output. */
  printed: string
  /** Standard error. */
  noted: string
}

/** Where nobody looks. */
export const silentTerminal: Terminal = {
  env: {},
  print: () => {},
  write: () => {},
  note: () => {},
  progress: () => {},
  confirm: async () => undefined,
  colours: false,
  signal: new AbortController().signal,
}

/** Runs a command line in this process. */
export async function hookport(args: readonly string[], changes: Partial<Terminal> = {}): Promise<Ran> {
  const printed: string[] = []
  const noted: string[] = []
  const terminal: Terminal = {
    ...silentTerminal,
    print: (line) => printed.push(line),
    write: (bytes) => printed.push(Buffer.from(bytes).toString()),
    note: (line) => noted.push(line),
    signal: new AbortController().signal,
    ...changes,
  }
  const exitCode = await runCli(args, terminal)
  return { exitCode, printed: printed.join('\n'), noted: noted.join('\n') }
}
