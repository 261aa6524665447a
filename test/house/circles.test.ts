import { expect, test } from 'vitest'
import { type Source, sourcesBelow } from './sources.ts'

test('no circle of imports remains, types included', () => {
  const sources = ['packages', 'bench', 'examples', 'test'].flatMap(sourcesBelow)
  expect(circles(sources)).toEqual([])
})

test('a circle is found', () => {
  const source = (path: string, ...imports: string[]): Source => ({ path, text: '', imports })
  const sources = [source('a', 'b', 'c'), source('b'), source('c', 'd'), source('d', 'a')]
  expect(circles(sources)).toEqual(['a > c > d > a'])
})

/** Each circle that a walk along the imports comes back on, as a line. */
function circles(sources: readonly Source[]): string[] {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) found.push([...trail.slice(start), path].join(' > '))
    if (start >= 0 || done.has(path)) return
    for (const imported of importsOf.get(path) ?? []) walk(imported, [...trail, path])
    done.add(path)
  }
  for (const { path } of sources) walk(path, [])
  return found
}
