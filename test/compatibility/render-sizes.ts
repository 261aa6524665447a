import type { Measured } from '../consumers/support/bundles.ts'

/** @param measured by the name of a bundle. What is in the first of them is told by purpose. */
export function renderSizes(measured: ReadonlyMap<string, Measured>): string {
  const [first] = measured
  if (first === undefined) throw new Error('no bundle was measured')
  const [name, { byPurpose }] = first
  return `## Sizes

Bundled by esbuild into one file, for production: minified, and then compressed by gzip. [Its test](../test/consumers/sizes.test.ts) holds each to a budget.

| bundle | minified | gzip |
| --- | --- | --- |
${[...measured].map(([bundle, { minified, compressed }]) => `| ${bundle} | ${kilobytes(minified)} | ${kilobytes(compressed)} |`).join('\n')}

What is in ${name}, minified:

| what for | |
| --- | --- |
${[...byPurpose]
  .sort(([, one], [, other]) => other - one)
  .map(([purpose, bytes]) => `| ${purpose} | ${kilobytes(bytes)} |`)
  .join('\n')}

[A decision](decisions/023-one-bundle.md) says what was tried to make it smaller, and why it is not.
`
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`
}
