import type { TimeLimit } from '../time-limit.ts'
import { wholeFloatFields } from './whole-floats.ts'

/** A way to write a JSON document. */
interface Spelling {
  readonly comma: string
  readonly colon: string
  /** Spaces per level; 0 keeps it on one line. */
  readonly indent: number
  readonly sortKeys: boolean
  readonly escapeNonAscii: boolean
  /** Whether numbers are written as Python does: an exponent below 1e-4, with two digits. */
  readonly pythonNumbers: boolean
}

interface Writing extends Spelling {
  /** Names of fields whose whole numbers are floats in Python. */
  readonly floats: ReadonlySet<string>
  /** How many characters of separators and indentation may still be written. */
  readonly budget: { characters: number }
}

const none: ReadonlySet<string> = new Set()
const bothWays = [false, true]
const layouts = [
  { comma: ',', colon: ':', indent: 0 },
  { comma: ', ', colon: ': ', indent: 0 },
  { comma: ',', colon: ': ', indent: 2 },
  { comma: ',', colon: ': ', indent: 4 },
]

const spellings: readonly Spelling[] = layouts.flatMap((layout) =>
  bothWays.flatMap((sortKeys) =>
    bothWays.flatMap((escapeNonAscii) =>
      bothWays.map((pythonNumbers) => ({ ...layout, sortKeys, escapeNonAscii, pythonNumbers })),
    ),
  ),
)

/** Senders nest a few levels. With more levels, indentation is most of the text, and in the end the call stack is full. */
const maxDepth = 64
/** How much longer separators and indentation may make a text. */
const maxGrowth = 16

/** Writes the document in every usual way but its own, one by one while there is time. Yields nothing where the text is not JSON, or has more than 64 levels. */
export function* jsonSpellings(text: string, limit: TimeLimit): Generator<string> {
  const document = parsed(text)
  if (document === undefined) return
  const given = new Set([text])
  for (const spelling of writtenAnew(document, text.length, limit)) {
    if (given.has(spelling)) continue
    given.add(spelling)
    yield spelling
  }
}

function* writtenAnew(document: unknown, length: number, limit: TimeLimit): Generator<string> {
  if (typeof document === 'string') yield document // JSON in a JSON string
  for (const spelling of spellings) {
    if (limit.isOver) return
    const written = writeWithin(document, spelling, none, length * maxGrowth)
    if (written === undefined) return // the ones that follow are longer
    yield written
    if (written.includes('\n')) yield `${written}\n` // as in a file
  }
  yield* withWholeFloats(document, length, limit)
}

function* withWholeFloats(document: unknown, length: number, limit: TimeLimit): Generator<string> {
  for (const floats of wholeFloatFields(document, length)) {
    for (const spelling of spellings.filter(({ pythonNumbers }) => pythonNumbers)) {
      if (limit.isOver) return
      const written = writeWithin(document, spelling, floats, length * maxGrowth)
      if (written !== undefined) yield written
    }
  }
}

class TooLong extends Error {}

function writeWithin(
  document: unknown,
  spelling: Spelling,
  floats: ReadonlySet<string>,
  characters: number,
): string | undefined {
  try {
    return write(document, '', { ...spelling, floats, budget: { characters } }, 1)
  } catch (error) {
    if (error instanceof TooLong) return undefined
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @param name of the field that contains the value. */
function write(value: unknown, name: string, spelling: Writing, depth: number): string {
  if (depth > maxDepth) throw new TooLong()
  if (typeof value === 'string') return writeString(value, spelling)
  if (typeof value === 'number')
    return spelling.pythonNumbers ? pythonNumber(value, spelling.floats.has(name)) : String(value)
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, name, spelling, depth + 1))
    return enclose('[', items, ']', spelling, depth)
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (spelling.sortKeys) entries.sort(([one], [other]) => (one < other ? -1 : 1))
    const members = entries.map(
      ([name, member]) =>
        writeString(name, spelling) + spelling.colon + write(member, name, spelling, depth + 1),
    )
    return enclose('{', members, '}', spelling, depth)
  }
  return String(value)
}

function enclose(open: string, parts: string[], close: string, spelling: Writing, depth: number): string {
  const { comma, indent, budget } = spelling
  budget.characters -= parts.length * (indent * depth + comma.length + 1)
  if (budget.characters < 0) throw new TooLong()
  if (parts.length === 0 || indent === 0) return open + parts.join(comma) + close
  const line = (level: number) => `\n${' '.repeat(indent * level)}`
  return open + line(depth) + parts.join(comma + line(depth)) + line(depth - 1) + close
}

function writeString(text: string, { escapeNonAscii }: Spelling): string {
  const quoted = JSON.stringify(text)
  if (!escapeNonAscii) return quoted
  return quoted.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function pythonNumber(value: number, isFloat: boolean): string {
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  const isWhole = Number.isInteger(value)
  if (value === 0 || (exponent >= -4 && exponent < 16))
    return isFloat && isWhole ? `${value}.0` : String(value)
  if (isWhole && !isFloat && exponent < 21) return String(value)
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
