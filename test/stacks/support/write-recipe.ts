import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@hookport/testkit/free-port'
import type { Change, Front, Stack } from '../stack.ts'
import { readSnippet } from './read-snippet.ts'

/** What the recipe says. A free port is put in its place. */
const port = /\b3000\b/

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
  const snippet = await readSnippet(stack.page, stack.snippet)
  const text = ledToAliases(change ? change(snippet) : snippet, stack.packages).replace(port, String(free))
  await mkdir(folder, { recursive: true })
  for (const [file, content] of Object.entries(stack.files ?? {}))
    await writeFile(join(folder, file), content)
  const file = join(folder, `${name}.ts`)
  await writeFile(file, `import { patchResponse, saveBest } from '../../support/surroundings.ts'\n${text}`)
  return { file, front: stack.front, port: free }
}

function ledToAliases(text: string, packages: Stack['packages']): string {
  return Object.entries(packages).reduce(
    (led, [name, alias]) => led.replaceAll(`from '${name}'`, `from '${alias}'`),
    text,
  )
}
