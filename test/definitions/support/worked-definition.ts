import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import * as core from '@hookport/core'

export const page = readFileSync(join(import.meta.dirname, '../../../docs/providers.md'), 'utf8')

/** Runs a definition of the page, as it stands there below its heading, and answers the function that it exports. */
export function workedDefinition(heading: string): (options: object) => core.Provider {
  const section = page.split(/^### /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const snippet = /^```ts\n(.*?)^```/ms.exec(section)?.[1]
  const name = /^export function (\w+)/m.exec(snippet ?? '')?.[1]
  if (snippet === undefined || name === undefined)
    throw new Error(`docs/providers.md has no definition below ${heading}`)
  const code = stripTypeScriptTypes(snippet)
    .replace(/^import \{(.*?)\} from '@hookport\/core'$/gm, 'const {$1} = core')
    .replace(/^export /gm, '')
  return new Function('core', `${code}\nreturn ${name}`)(core)
}
