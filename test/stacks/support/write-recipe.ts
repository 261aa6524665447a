import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { freePort } from '@hookport/testkit/servers/free-port'
import type { Change, Front, Stack } from '../stack.ts'
import { readSnippet } from './read-snippet.ts'

/** What the recipe says. A free port is put in its place. */
const port = /\b3000\b/

const surroundings = join(import.meta.dirname, 'surroundings.ts')

/** A recipe, ready to be imported by `serve-recipes.ts`. */
export interface Recipe {
  readonly file: string
  readonly front: Front | undefined
  /** Where it listens itself. */
  readonly port: number
}

/** Writes the lines of a stack's page to a file, below the imports that a page leaves out. */
export async function writeRecipe(
  folder: string,
  name: string,
  stack: Stack,
  change?: Change,
): Promise<Recipe> {
  const free = await freePort()
  const file = join(folder, `${name}.ts`)
  await writeRecipeTo(file, stack, change, free)
  for (const [name, content] of Object.entries(stack.files ?? {}))
    await writeFile(join(folder, name), content)
  return { file, front: stack.front, port: free }
}

/** Writes them to where a framework that goes by file names looks for them. */
export async function writeRecipeTo(
  file: string,
  stack: Stack,
  change: Change = (snippet) => snippet,
  listenAt = 3000,
): Promise<void> {
  const changed = change(await readSnippet(stack.page, stack.snippet))
  const text = ledToAliases(changed, stack.packages).replace(port, String(listenAt))
  const from = relative(dirname(file), surroundings).replaceAll('\\', '/')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `import { patchResponse, saveBest } from '${from}'\n${text}`)
}

function ledToAliases(text: string, packages: Stack['packages']): string {
  return Object.entries(packages).reduce(
    (led, [name, alias]) => led.replaceAll(`from '${name}'`, `from '${alias}'`),
    text,
  )
}
