import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const pages = join(import.meta.dirname, '../../../docs/stacks')

/** The TypeScript of a page of `docs/stacks`: what stands in its fences, the first is 1. */
export async function readSnippet(page: string, number = 1): Promise<string> {
  const text = await readFile(join(pages, `${page}.md`), 'utf8')
  const snippets = [...text.matchAll(/^```ts\n(.*?)^```/gms)]
  const [, snippet] = snippets[number - 1] ?? []
  if (snippet === undefined)
    throw new Error(`docs/stacks/${page}.md has ${snippets.length} snippets, not ${number}`)
  return snippet
}
