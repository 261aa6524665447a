import { type Attack, accepted, invalidSignature } from '../attack.ts'
import { body, bodyWith, hmac, request, signed, signedAs } from '../support/forge.ts'

/** A genuine body that was changed after it was signed. */
function tampered(id: string, input: string, tamper: (content: Buffer) => Uint8Array): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now)
      return { bytes: request(tamper(content), { lines: [signedAs(hmac(content))] }) }
    },
    answers: [invalidSignature],
    reach: 'nowhere',
  }
}

/** A signed body that is no text in UTF-8, or no JSON. */
function unreadable(
  id: string,
  input: string,
  make: (now: number) => Uint8Array,
  lines: string[] = [],
): Attack {
  return {
    id,
    input: `signed: ${input}`,
    send: (now) => ({ bytes: signed(make(now), { lines }) }),
    answers: [accepted],
    reach: 'dead letter',
  }
}

function readable(
  id: string,
  input: string,
  make: (now: number) => Uint8Array,
  lines: string[] = [],
): Attack {
  return {
    id,
    input: `signed: ${input}`,
    send(now) {
      const content = make(now)
      return { bytes: signed(content, { lines }), rawBody: content }
    },
    answers: [accepted],
    reach: 'handler',
  }
}

const contentType = (value: string) => [`Content-Type: ${value}`]
const utf16 = (text: Buffer, ...mark: number[]) =>
  Buffer.concat([Buffer.from(mark), Buffer.from(text.toString(), 'utf16le')])
const textOf = (...bytes: number[]) =>
  Buffer.concat([Buffer.from('"text":"'), Buffer.from(bytes), Buffer.from('"')])

export const byteAttacks: Attack[] = [
  tampered('A201', 'a bit of the body flipped', (content) => {
    const changed = Buffer.from(content)
    const last = changed.length - 1
    changed[last] = (changed[last] as number) ^ 1
    return changed
  }),
  tampered('A202', 'a newline more than was signed', (content) =>
    Buffer.concat([content, Buffer.from('\n')]),
  ),
  tampered('A203', 'a NUL more than was signed', (content) => Buffer.concat([content, Buffer.of(0)])),
  tampered('A204', 'the last byte missing', (content) => content.subarray(0, -1)),
  tampered('A205', 'the same JSON, formatted', (content) =>
    Buffer.from(JSON.stringify(JSON.parse(content.toString()), null, 1)),
  ),
  tampered('A206', 'a byte order mark that was not signed', (content) =>
    Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), content]),
  ),
  tampered('A207', 'empty, where a body was signed', () => Buffer.alloc(0)),
  {
    id: 'A208',
    input: 'a byte that is not UTF-8, where its replacement character was signed',
    send(now) {
      const sent = bodyWith(now, textOf(0xff))
      const asDecoded = Buffer.from(sent.toString('utf8'))
      return { bytes: request(sent, { lines: [signedAs(hmac(asDecoded))] }) }
    },
    answers: [invalidSignature],
    reach: 'nowhere',
  },
  unreadable('A220', 'an empty body', () => Buffer.alloc(0)),
  {
    id: 'A221',
    input: 'signed: an empty body without Content-Length, a duplicate of the one before',
    send: () => ({ bytes: signed(Buffer.alloc(0), { length: false }) }),
    answers: [accepted],
    reach: 'parser',
  },
  unreadable('A222', 'blanks', () => Buffer.from(' \r\n\t ')),
  unreadable('A223', 'a NUL', () => Buffer.of(0)),
  unreadable('A224', 'UTF-16, little-endian', (now) => utf16(body(now))),
  unreadable(
    'A225',
    'UTF-16 with its mark and `charset=utf-16`',
    (now) => utf16(body(now), 0xff, 0xfe),
    contentType('application/json; charset=utf-16'),
  ),
  unreadable('A226', 'UTF-16, big-endian, with its mark', (now) => utf16(body(now), 0xff, 0xfe).swap16()),
  unreadable('A227', 'UTF-32', (now) => Buffer.from([...body(now)].flatMap((byte) => [byte, 0, 0, 0]))),
  unreadable(
    'A228',
    'a byte of Latin-1, and `charset=iso-8859-1`',
    (now) => bodyWith(now, textOf(0xe9)),
    contentType('application/json; charset=iso-8859-1'),
  ),
  unreadable('A229', 'invalid UTF-8: 0xff', (now) => bodyWith(now, textOf(0xff))),
  unreadable('A230', 'invalid UTF-8: an overlong NUL', (now) => bodyWith(now, textOf(0xc0, 0x80))),
  unreadable('A231', 'invalid UTF-8: an overlong quotation mark', (now) => bodyWith(now, textOf(0xc0, 0xa2))),
  unreadable('A232', 'invalid UTF-8: half of a surrogate pair', (now) =>
    bodyWith(now, textOf(0xed, 0xa0, 0x80)),
  ),
  unreadable('A233', 'invalid UTF-8: beyond U+10FFFF', (now) =>
    bodyWith(now, textOf(0xf4, 0x90, 0x80, 0x80)),
  ),
  unreadable('A234', 'invalid UTF-8: a character cut off at the end', (now) =>
    Buffer.concat([body(now), Buffer.of(0xe2, 0x82)]),
  ),
  unreadable('A235', 'two byte order marks', (now) =>
    Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf), body(now)]),
  ),
  readable('A240', 'a byte order mark in front', (now) =>
    Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), body(now)]),
  ),
  readable(
    'A241',
    'UTF-8, and `charset=utf-16`',
    (now) => bodyWith(now, '"text":"é"'),
    contentType('application/json; charset=utf-16'),
  ),
  readable(
    'A242',
    'UTF-8, and `charset=utf-7`',
    (now) => bodyWith(now, '"text":"+ADw-"'),
    contentType('application/json; charset=utf-7'),
  ),
  readable(
    'A243',
    'UTF-8, and a charset that does not exist',
    (now) => body(now),
    contentType('application/json; charset=none'),
  ),
  readable(
    'A244',
    'two charsets',
    (now) => body(now),
    contentType('application/json; charset=utf-8; charset=utf-16'),
  ),
  readable('A245', 'a Content-Type that is none', (now) => body(now), contentType(';;=')),
  readable('A246', 'as a form', (now) => body(now), contentType('application/x-www-form-urlencoded')),
  readable(
    'A247',
    'as `multipart/form-data` without a boundary',
    (now) => body(now),
    contentType('multipart/form-data'),
  ),
  readable('A248', 'Content-Type twice', (now) => body(now), [
    ...contentType('text/plain'),
    ...contentType('application/json'),
  ]),
]
