import { createHmac } from 'node:crypto'
import {
  type Answer,
  type Attack,
  accepted,
  invalidSignature,
  missingSignature,
  noRequest,
} from '../attack.ts'
import { body, hmac, jaotBody, request, secrets, signedAs } from '../support/forge.ts'

/** A header made from the right signature, over a genuine body. */
function header(
  id: string,
  input: string,
  forge: (genuine: string) => readonly string[],
  answer: Answer,
): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now)
      return { bytes: request(content, { lines: forge(hmac(content)) }) }
    },
    answers: [answer],
    reach: 'nowhere',
  }
}

const refused = (id: string, input: string, forge: (genuine: string) => string) =>
  header(id, input, (genuine) => [signedAs(forge(genuine))], invalidSignature)

/** The same for JAOT, whose header may have a prefix. */
function jaot(id: string, input: string, forge: (genuine: string) => string, answer: Answer): Attack {
  return {
    id,
    input: `JAOT: ${input}`,
    send(now) {
      const content = jaotBody(now)
      const signature = forge(hmac(content, secrets.jaot))
      return {
        bytes: request(content, { path: '/jaot', lines: [`X-JAOT-Signature: ${signature}`] }),
        rawBody: content,
      }
    },
    answers: [answer],
    reach: answer === accepted ? 'handler' : 'nowhere',
  }
}

/** A genuine body under the signature of something else. */
function signedOver(id: string, input: string, sign: (content: Buffer) => string): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now)
      return { bytes: request(content, { lines: [signedAs(sign(content))] }) }
    },
    answers: [invalidSignature],
    reach: 'nowhere',
  }
}

const wrong = '0'.repeat(64)
const fullWidth = (hex: string) =>
  Buffer.from(hex.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))).toString(
    'latin1',
  )

export const signatureAttacks: Attack[] = [
  header('A101', 'no signature header', () => [], missingSignature),
  header('A102', 'an empty signature header', () => [signedAs('')], missingSignature),
  header('A103', 'a signature header of blanks', () => [signedAs('   ')], missingSignature),
  header(
    'A104',
    "another provider's header",
    (genuine) => [`X-JAOT-Signature: ${genuine}`],
    missingSignature,
  ),
  header(
    'A105',
    'the header twice, both right',
    (genuine) => [signedAs(genuine), signedAs(genuine)],
    invalidSignature,
  ),
  header(
    'A106',
    'the header twice, first wrong, then right',
    (genuine) => [signedAs(wrong), signedAs(genuine)],
    invalidSignature,
  ),
  header(
    'A107',
    'the header twice, first right, then empty',
    (genuine) => [signedAs(genuine), signedAs('')],
    invalidSignature,
  ),
  refused('A110', 'a list of signatures, the right one among them', (genuine) => `${wrong}, ${genuine}`),
  refused('A111', 'a list with versions: `v0=…,v1=…`', (genuine) => `v0=${wrong},v1=${genuine}`),
  refused('A112', 'a list in JSON', (genuine) => JSON.stringify([genuine])),
  refused('A113', 'not hex', () => 'z'.repeat(64)),
  refused('A114', 'odd length: the last digit cut off', (genuine) => genuine.slice(0, -1)),
  refused('A115', 'short: the first byte of the right one', (genuine) => genuine.slice(0, 2)),
  refused('A116', 'short: half of the right one', (genuine) => genuine.slice(0, 32)),
  refused('A117', 'long: the right one and a byte more', (genuine) => `${genuine}00`),
  refused('A118', 'long: the right one twice', (genuine) => genuine + genuine),
  refused('A119', 'long: 8,000 digits', () => 'a'.repeat(8_000)),
  header('A120', 'longer than all headers may be: 100,000 digits', () => [signedAs('a'.repeat(100_000))], {
    status: 431,
  }),
  refused('A121', 'upper-case', (genuine) => genuine.toUpperCase().replace(/\d{64}/, 'A')),
  refused('A122', 'full-width Unicode digits', fullWidth),
  refused('A123', 'a no-break space and the right one', (genuine) => `\xa0${genuine}`),
  refused('A124', 'prefixed with `sha256=`', (genuine) => `sha256=${genuine}`),
  refused('A125', 'prefixed with `0x`', (genuine) => `0x${genuine}`),
  refused('A126', 'in quotes', (genuine) => `"${genuine}"`),
  refused('A127', 'in base64', (genuine) => Buffer.from(genuine, 'hex').toString('base64')),
  refused('A128', 'one digit changed', (genuine) =>
    genuine.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
  ),
  refused('A129', 'all zeros', () => wrong),
  refused('A130', '`__proto__`', () => '__proto__'),
  header('A131', 'with a NUL in it', (genuine) => [signedAs(`${genuine}\0`)], noRequest),
  header(
    'A132',
    'folded over two lines',
    (genuine) => [signedAs(genuine.slice(0, 32)), ` ${genuine.slice(32)}`],
    noRequest,
  ),
  header(
    'A133',
    'a blank between name and colon',
    (genuine) => [`X-Sematryx-Signature : ${genuine}`],
    noRequest,
  ),
  header('A134', 'in the query instead', () => ['X-Original-Url: /sematryx?signature=1'], missingSignature),
  signedOver('A140', 'signed with another secret', (content) => hmac(content, 'another')),
  signedOver('A141', 'signed with the empty secret', (content) => hmac(content, '')),
  signedOver('A142', 'signed with a secret of one NUL', (content) => hmac(content, '\0')),
  signedOver('A143', 'signed with `undefined` as the secret', (content) => hmac(content, 'undefined')),
  signedOver('A144', "signed with another provider's secret", (content) => hmac(content, secrets.jaot)),
  signedOver('A145', 'signed with a secret and a newline', (content) =>
    hmac(content, `${secrets.sematryx}\n`),
  ),
  signedOver('A146', 'the signature of the empty body', () => hmac(Buffer.alloc(0))),
  signedOver('A147', 'a plain SHA-256 of the body', (content) =>
    createHmac('sha256', '').update(content).digest('hex'),
  ),
  signedOver('A148', 'HMAC-SHA1, filled up with zeros', (content) =>
    createHmac('sha1', secrets.sematryx).update(content).digest('hex').padEnd(64, '0'),
  ),
  signedOver('A149', 'HMAC-SHA512, cut to length', (content) =>
    createHmac('sha512', secrets.sematryx).update(content).digest('hex').slice(0, 64),
  ),
  jaot('A160', 'bare hex, as documented', (genuine) => genuine, accepted),
  jaot('A161', 'prefixed with `sha256=`, as really sent', (genuine) => `sha256=${genuine}`, accepted),
  jaot('A162', 'prefixed twice', (genuine) => `sha256=sha256=${genuine}`, invalidSignature),
  jaot('A163', 'prefixed with `sha1=`', (genuine) => `sha1=${genuine}`, invalidSignature),
  jaot('A164', 'prefixed with `SHA256=`', (genuine) => `SHA256=${genuine}`, invalidSignature),
  jaot('A165', 'the prefix alone', () => 'sha256=', invalidSignature),
  jaot(
    'A166',
    'a list of prefixed signatures',
    (genuine) => `sha256=${wrong},sha256=${genuine}`,
    invalidSignature,
  ),
]
