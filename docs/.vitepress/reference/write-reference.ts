import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Application, Converter, Logger, LogLevel, ReflectionKind, TSConfigReader } from 'typedoc'
import { type PublicEntry, publicEntries, root } from './public-entries.ts'
import { undocumentedOptions } from './undocumented-options.ts'

/** Where the reference is written: generated, and not committed. */
const referenceFolder = join(root, 'docs/reference')

interface ReferenceOptions {
  readonly entries?: readonly PublicEntry[]
  readonly folder?: string
  /** What has the entries in it. Defaults to the one beside this file. */
  readonly tsconfig?: string
}

/**
 * Writes a page for each public entry, from the docstrings of what it exports.
 *
 * @throws {Error} naming what is exported, or an option, without a docstring, and what a docstring links to that is not there.
 */
export async function writeReference({
  entries = publicEntries(),
  folder = referenceFolder,
  tsconfig = join(import.meta.dirname, 'tsconfig.json'),
}: ReferenceOptions = {}): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const application = await typeDocOf(entries, folder, tsconfig)
  const complaints: string[] = []
  application.logger = new ListingLogger(complaints)
  const project = await application.convert()
  if (!project) throw new Error(`the reference can't be made:\n${complaints.join('\n')}`)
  application.validate(project)
  complaints.push(...undocumentedOptions(project).map((name) => `the option ${name} has no docstring`))
  if (complaints.length > 0) throw new Error(`the docstrings are not complete:\n${complaints.join('\n')}`)
  await application.generateOutputs(project)
}

async function typeDocOf(
  entries: readonly PublicEntry[],
  folder: string,
  tsconfig: string,
): Promise<Application> {
  const options = {
    entryPoints: entries.map(({ source }) => join(root, source)),
    tsconfig,
    plugin: ['typedoc-plugin-markdown'],
    outputs: [{ name: 'markdown', path: folder }],
    name: 'Reference',
    readme: 'none',
    skipErrorChecking: true, // `npm run check` does that
    groupOrder: ['Functions', 'Variables', 'Classes', '*'],
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableGit: true,
    disableSources: true,
    validation: { notDocumented: true, notExported: false, invalidLink: true },
    requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable', 'Method', 'Accessor'],
    packagesRequiringDocumentation: [...new Set(entries.map(({ packageName }) => packageName))],
    // Of typedoc-plugin-markdown.
    outputFileStrategy: 'modules',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    useHTMLAnchors: true,
    tableColumnSettings: { hideDefaults: true },
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    entryFileName: 'index.md',
  }
  const application = await Application.bootstrapWithPlugins(options as never, [new TSConfigReader()])
  nameModules(application, entries)
  return application
}

/** Keeps what TypeDoc complains of. What it says beside that is nobody's. */
class ListingLogger extends Logger {
  readonly #complaints: string[]

  constructor(complaints: string[]) {
    super()
    this.#complaints = complaints
  }

  protected override addContext(message: string, level: LogLevel, ..._position: unknown[]): string {
    if (level >= LogLevel.Warn) this.#complaints.push(message)
    return message
  }
}

/** A page is called as its entry is imported, and not after the file of its source. */
function nameModules(application: Application, entries: readonly PublicEntry[]): void {
  application.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName
    const entry = entries.find(({ source }) => join(root, source) === file)
    if (entry) reflection.name = entry.name
  })
}
