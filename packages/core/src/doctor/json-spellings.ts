/** The ways in which a JSON document may be written. */
interface Spelling {
  readonly comma: string
  readonly colon: string
  /** Spaces per level; 0 keeps it on one line. */
  readonly indent: number
  readonly sortKeys: boolean
  readonly escapeNonAscii: boolean
  /** As Python writes numbers: an exponent below 1e-4, with two digits. */
  readonly pythonNumbers: boolean
}

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

/** The same document, written in every usual way other than `text`. Empty where `text` is not JSON. */
export function jsonSpellings(text: string): string[] {
  const document = parsed(text)
  if (document === undefined) return []
  const written = spellings.map((spelling) => write(document, spelling, 1))
  const asFiles = written.filter((each) => each.includes('\n')).map((each) => `${each}\n`)
  const unpacked = typeof document === 'string' ? [document] : [] // JSON in a JSON string
  const all = new Set([...unpacked, ...written, ...asFiles])
  all.delete(text)
  return [...all]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function write(value: unknown, spelling: Spelling, depth: number): string {
  if (typeof value === 'string') return writeString(value, spelling)
  if (typeof value === 'number') return spelling.pythonNumbers ? pythonNumber(value) : String(value)
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, spelling, depth + 1))
    return enclose('[', items, ']', spelling, depth)
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (spelling.sortKeys) entries.sort(([one], [other]) => (one < other ? -1 : 1))
    const members = entries.map(
      ([name, member]) => writeString(name, spelling) + spelling.colon + write(member, spelling, depth + 1),
    )
    return enclose('{', members, '}', spelling, depth)
  }
  return String(value)
}

function enclose(open: string, parts: string[], close: string, spelling: Spelling, depth: number): string {
  const { comma, indent } = spelling
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

function pythonNumber(value: number): string {
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (value === 0 || (exponent >= -4 && exponent < 16)) return String(value)
  if (Number.isInteger(value) && exponent < 21) return String(value)
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
