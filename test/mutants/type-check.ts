import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from '../../docs/node_modules/typescript/lib/typescript.js' // version 7 has no interface for programs

interface Mutant {
  readonly id: string
  readonly fileName: string
  readonly location: { readonly start: Position; readonly end: Position }
  readonly replacement: string
}

interface Position {
  readonly line: number
  readonly column: number
}

/** Passes over mutants that make an error of types in their file: nobody needs a test for what can't be built. */
class TypeCheck {
  readonly #changed = new Map<string, { text: string; version: number }>()
  readonly #files = new Set<string>()
  readonly #service: ts.LanguageService

  constructor() {
    const root = join(import.meta.dirname, '../..')
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(
      { ...config, include: [], files: ['any.ts'] },
      ts.sys,
      root,
    )
    const host: ts.LanguageServiceHost = {
      ...ts.sys,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      getCompilationSettings: () => ({ ...options, noEmit: true }),
      getScriptFileNames: () => [...this.#files],
      getScriptVersion: (file) => String(this.#changed.get(file)?.version ?? 0),
      getScriptSnapshot: (file) => {
        const text = this.#changed.get(file)?.text ?? ts.sys.readFile(file)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
    }
    this.#service = ts.createLanguageService(host)
  }

  async init(): Promise<void> {}

  async check(mutants: readonly Mutant[]) {
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, this.#resultOf(mutant)]))
  }

  #resultOf({ fileName, location: { start, end }, replacement }: Mutant) {
    const original = readFileSync(fileName, 'utf8')
    const [from, to] = [offsetOf(original, start), offsetOf(original, end)]
    for (const candidate of candidates(original.slice(0, from), replacement)) {
      this.#change(fileName, `${original.slice(0, from)}${candidate}${original.slice(to)}`)
      if (this.#service.getSyntacticDiagnostics(fileName).length === 0) break
    }
    const [error] = [
      ...this.#service.getSyntacticDiagnostics(fileName),
      ...this.#service.getSemanticDiagnostics(fileName),
    ]
    this.#change(fileName, original)
    if (!error) return { status: 'passed' }
    return { status: 'compileError', reason: ts.flattenDiagnosticMessageText(error.messageText, ' ') }
  }

  #change(fileName: string, text: string): void {
    this.#files.add(fileName)
    this.#changed.set(fileName, { text, version: (this.#changed.get(fileName)?.version ?? 0) + 1 })
  }
}

/**
 * An expression is put in parentheses, as it may bind less closely than what it replaces. At the beginning of a line they would make a
 * call of the line before. What is a block can't be put in parentheses.
 */
function candidates(before: string, replacement: string): string[] {
  const startsLine = /\n\s*$/.test(before)
  return [...(startsLine ? [`;(${replacement})`] : []), `(${replacement})`, replacement]
}

/** A checker is given lines and columns that count from zero. */
function offsetOf(text: string, { line, column }: Position): number {
  let start = 0
  for (let before = 0; before < line; before++) start = text.indexOf('\n', start) + 1
  return start + column
}

export const strykerPlugins = [
  { kind: 'Checker', name: 'types', factory: Object.assign(() => new TypeCheck(), { inject: [] }) },
]
