import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pageFiles } from '#page'

const mostBytes = 60 * 1024

test('the page takes at most 60 KiB, compressed', () => {
  const bytes = Object.values(pageFiles).map(({ text }) => gzipSync(text).length)
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(mostBytes)
})

test('the page loads nothing of another host, and makes no markup of text', () => {
  const { 'app.js': script, 'app.css': style } = pageFiles
  const addresses = [...script.text.matchAll(/https?:\/\/[^"'`\s]+/g)].map(([address]) => address)
  expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([])
  expect(style.text).not.toMatch(/url\(|@import/)
  expect(script.text).not.toMatch(/\beval\(|new Function|document\.write|insertAdjacentHTML/)
})
