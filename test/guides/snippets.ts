import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The TypeScript of a guide, block by block. */
export function snippetsOf(guide: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/guides', guide), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, snippet]) => snippet ?? '')
}
