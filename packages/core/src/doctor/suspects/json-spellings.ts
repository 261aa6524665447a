import { parsePythonJson } from '../../bodies/python-json.ts'
import type { TimeLimit } from '../time-limit.ts'
import { wholeFloatFields } from './whole-floats.ts'

/** The characters of strings that a library escapes without need. */
interface Escaping {
  readonly characters: RegExp
  /** Whether the digits of `\u00E9` are in upper case. */
  readonly upperCase?: true
}

/** A way to write a JSON document. */
interface Spelling {
  readonly comma: string
  readonly colon: string
  /** The indentation of one level; empty keeps it on one line. */
  readonly indent: string
  readonly sortKeys: boolean
  readonly escaping: Escaping | undefined
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
  { comma: ',', colon: ':', indent: '' },
  { comma: ', ', colon: ': ', indent: '' },
  { comma: ',', colon: ': ', indent: '\t' },
  { comma: ',', colon: ': ', indent: '  ' },
  { comma: ',', colon: ': ', indent: '    ' },
]

const ofPython: Escaping = { characters: /[\u007f-\uffff]/g }

/** Of PHP, with and without its flag for Unicode; of Go and Rails; of Gson; of .NET. */
const ofOthers: readonly Escaping[] = [
  { characters: /[/\u0080-\uffff]/g },
  { characters: /\//g },
  { characters: /[<>&\u2028\u2029]/g },
  { characters: /[<>&='\u2028\u2029]/g },
  { characters: /[<>&+'`\u007f-\uffff]/g, upperCase: true },
]

const spellingsOf = (
  escapings: ReadonlyArray<Escaping | undefined>,
  numbers: readonly boolean[],
): Spelling[] =>
  layouts.flatMap((layout) =>
    bothWays.flatMap((sortKeys) =>
      escapings.flatMap((escaping) =>
        numbers.map((pythonNumbers) => ({ ...layout, sortKeys, escaping, pythonNumbers })),
      ),
    ),
  )

const spellings = spellingsOf([undefined, ofPython], bothWays)
const plainNumbers = spellings.filter(({ pythonNumbers }) => !pythonNumbers)
const spellingsOfOthers = spellingsOf(ofOthers, [false])

/** Senders nest a few levels. With more levels, indentation is most of the text, and in the end the call stack is full. */
const maxDepth = 64
/** How much longer separators and indentation may make a text. */
const maxGrowth = 16

/**
 * Writes the document in every usual way but those that are `given`, one by one while there is time. Yields nothing where the text is not JSON, or has
 * more than 64 levels.
 */
export function* jsonSpellings(
  text: string,
  given: ReadonlySet<string>,
  limit: TimeLimit,
): Generator<string> {
  const document = parsed(text)
  if (document === undefined) return
  const known = new Set([text, ...given])
  for (const spelling of writtenAnew(document, text, limit)) {
    if (known.has(spelling)) continue
    known.add(spelling)
    yield spelling
  }
}

function* writtenAnew(document: unknown, text: string, limit: TimeLimit): Generator<string> {
  const { length } = text
  if (typeof document === 'string') yield document // JSON in a JSON string
  if (!(yield* written(document, spellings, length, limit))) return
  yield* withWholeFloats(document, length, limit)
  const exact = limit.isOver ? undefined : withNumbersAsWritten(text)
  if (exact !== undefined) yield* written(exact, plainNumbers, length, limit)
  yield* written(document, spellingsOfOthers, length, limit)
}

/** Answers whether the document can be written at all: it may have too many levels. */
function* written(
  document: unknown,
  ways: readonly Spelling[],
  length: number,
  limit: TimeLimit,
): Generator<string, boolean> {
  for (const [index, spelling] of ways.entries()) {
    if (limit.isOver) return false
    const text = writeWithin(document, spelling, none, length * maxGrowth)
    if (text === undefined) return index > 0 // the ones that follow are longer
    yield text
    if (!text.includes('\n')) continue
    yield `${text}\n` // as in a file
    yield text.replace(/\n/g, '\r\n')
  }
  return true
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
    return parsePythonJson(text)
  }
}

/** A number that is written as it arrived: `1.10`, or an integer beyond 2^53. Most languages keep it so. */
class NumberAsWritten {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Undefined where JavaScript writes all numbers as they are, or can't say how they are written. */
function withNumbersAsWritten(text: string): unknown {
  let differs = false
  const keep = (_name: string, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined || String(value) === context.source)
      return value
    differs = true
    return new NumberAsWritten(context.source)
  }
  try {
    const document = JSON.parse(text, keep)
    return differs ? document : undefined
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
  if (value instanceof NumberAsWritten) return value.text
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
  budget.characters -= parts.length * (indent.length * depth + comma.length + 1)
  if (budget.characters < 0) throw new TooLong()
  if (parts.length === 0 || indent === '') return open + parts.join(comma) + close
  const line = (level: number) => `\n${indent.repeat(level)}`
  return open + line(depth) + parts.join(comma + line(depth)) + line(depth - 1) + close
}

function writeString(text: string, { escaping }: Spelling): string {
  const quoted = JSON.stringify(text)
  if (!escaping) return quoted
  return quoted.replace(escaping.characters, (unit) => {
    if (unit === '/') return '\\/'
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${escaping.upperCase ? digits.toUpperCase() : digits}`
  })
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
