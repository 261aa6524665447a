import { expect, test } from 'vitest'
import { escapedLine, printable, printableLine } from '../src/terminal/printable.ts'

/** Of both sets of control characters, a line and a paragraph that end, and what turns the order of a text round. */
const commands = ['\u001b', '\u007f', '\u009b', '\u2028', '\u2029', '\u202a', '\u202e', '\u2066', '\u2069']

test.each(commands)('%j in a text of a sender is replaced, and escaped where it is in JSON', (command) => {
  expect(printableLine(`a${command}b`)).toBe('a\ufffdb')
  expect(printable(`a${command}b\n\tc`)).toBe('a\ufffdb\n\tc')
  const line = escapedLine(JSON.stringify({ text: `a${command}b` }))
  expect(line).not.toContain(command)
  expect(JSON.parse(line)).toEqual({ text: `a${command}b` })
})

test('what is written in any language stays as it is', () => {
  const text = 'Größe, 大きさ, حجم, 👩‍🔬'
  expect([printableLine(text), printable(text), escapedLine(text)]).toEqual([text, text, text])
})
