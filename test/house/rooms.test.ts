import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { passedOver, root } from './sources.ts'

/** A reader takes in a room at a glance. Where more is to be done, there are rooms within it. */
const mostFiles = 12

interface Room {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly files: readonly string[]
}

const sources = [
  ...foldersIn('packages').map((name) => `packages/${name}/src`),
  'packages/inspector/page',
  'bench',
]
const rooms = sources.flatMap(roomsBelow)

test('no room has more than a dozen files', () => {
  expect(tooFull(rooms)).toEqual([])
})

test('a room that has more is found', () => {
  const room = (count: number): Room => ({ path: `${count}`, files: Array(count).fill('a.ts') })
  expect(tooFull([room(12), room(13)])).toEqual(['13 has 13 files'])
})

function tooFull(some: readonly Room[]): string[] {
  return some
    .filter(({ files }) => files.length > mostFiles)
    .map(({ path, files }) => `${path} has ${files.length} files`)
}

/** A folder with what lies side by side in it, and every folder below it. What a room says of itself is not counted. */
function roomsBelow(path: string): Room[] {
  const files = readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map((entry) => entry.name)
  return [{ path, files }, ...foldersIn(path).flatMap((name) => roomsBelow(`${path}/${name}`))]
}

function foldersIn(path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !passedOver.has(entry.name))
    .map((entry) => entry.name)
}
