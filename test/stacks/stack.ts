/** A way in which people run a receiver: a framework, one of its versions, or a wrapper around it. */
export interface Stack {
  readonly name: string
  /** Of `docs/stacks`, without its ending. */
  readonly page: string
  /** Which of the page's snippets it is made of. Defaults to the first. */
  readonly snippet?: number
  /** The packages whose versions tell what was tried. Where one goes by an alias here, the snippet's imports are led there. */
  readonly packages: Readonly<Record<string, string>> | readonly string[]
  /** What the snippet imports of the application that it is part of. */
  readonly files?: Readonly<Record<string, string>>
  /** What stands between HTTP and the snippet, as it does in production. Defaults to nothing: the snippet listens itself. */
  readonly front?: Front
  /** Has something in front of the webhook read the body, and leave its bytes or its text. */
  readonly keepBody?: Change | undefined
  /** Has something in front of the webhook read the body, and leave nothing that was signed. */
  readonly takeBody?: Change | undefined
  /** What the log then says of the line to change. */
  readonly fix?: RegExp
  /** Has something in front of the webhook patch the response. */
  readonly patch?: Change | undefined
  /** Checks that say nothing here, and why. */
  readonly without?: Readonly<Partial<Record<CheckId, string>>>
}

/** What is asked of each: `checks.ts` says how. */
export type CheckId =
  | 'accepted'
  | 'forged'
  | 'GET'
  | 'oversize'
  | 'other routes'
  | 'body kept'
  | 'body taken'
  | 'patched response'
  | 'log line'
  | 'alive'

/** The modules of `support/fronts`. */
export type Front = 'api-gateway' | 'azure-functions' | 'functions-framework' | 'sveltekit'

/** Makes another snippet of one. */
export type Change = (snippet: string) => string

/** Puts lines above the one line that begins in the given way. */
export function above(beginning: string, ...lines: string[]): Change {
  return (snippet) => replaceLine(snippet, beginning, (line) => [...lines, line])
}

/** Puts lines in place of the one line that begins in the given way. */
export function instead(beginning: string, ...lines: string[]): Change {
  return (snippet) => replaceLine(snippet, beginning, () => lines)
}

function replaceLine(snippet: string, beginning: string, replace: (line: string) => string[]): string {
  const lines = snippet.split('\n')
  const found = lines.filter((line) => line.trimStart().startsWith(beginning))
  if (found.length !== 1) throw new Error(`${found.length} lines begin with ${beginning}; it must be one`)
  return lines.flatMap((line) => (line === found[0] ? replace(line) : [line])).join('\n')
}
