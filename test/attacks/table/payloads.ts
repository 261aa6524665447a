import { type Attack, accepted } from '../attack.ts'
import { body, bodyWith, fresh, maxBodyBytes, payload, signed } from '../support/forge.ts'

/** A signed body that is no event. */
function noEvent(id: string, input: string, make: (now: number) => string | Uint8Array): Attack {
  return {
    id,
    input: `signed: ${input}`,
    send: (now) => ({ bytes: signed(Buffer.from(make(now))) }),
    answers: [accepted],
    reach: 'dead letter',
  }
}

/** A signed body that is an event, however odd: what was sent is what the handler gets. */
function event(id: string, input: string, make: (now: number) => Buffer): Attack {
  return {
    id,
    input: `signed: ${input}`,
    send(now) {
      const content = make(now)
      return { bytes: signed(content), rawBody: content }
    },
    answers: [accepted],
    reach: 'handler',
  }
}

/** A signed event under an id that would harm a careless key, log or path. */
function oddId(id: string, input: string, makeId: () => string): Attack {
  return {
    id,
    input: `signed: an event id ${input}`,
    send(now) {
      const eventId = makeId()
      const content = body(now, { id: eventId })
      return { bytes: signed(content), rawBody: content, id: eventId }
    },
    answers: [accepted],
    reach: 'handler',
  }
}

function misfit(id: string, input: string, result: string): Attack {
  return {
    id,
    input: `signed: ${input}`,
    send: (now) => ({ bytes: signed(bodyWithResult(now, result)) }),
    answers: [accepted],
    reach: 'dead letter',
  }
}

function bodyWithResult(now: number, result: string): Buffer {
  const text = body(now).toString()
  return Buffer.from(text.replace(/"result":\{.*?\}/, `"result":${result}`))
}

const deep = 100_000
const nested = '['.repeat(deep) + ']'.repeat(deep)
const nestedObjects = `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`
const completed = (fitness: string, evaluations = '10') =>
  `{"best_solution":[1.5],"best_fitness":${fitness},"evaluations":${evaluations},"duration_seconds":1}`

export const payloadAttacks: Attack[] = [
  noEvent('A401', 'a top-level array', (now) => JSON.stringify([payload(now)])),
  noEvent('A402', 'a top-level string', () => '"text"'),
  noEvent('A403', 'a top-level number', () => '42'),
  noEvent('A404', 'top-level `null`', () => 'null'),
  noEvent('A405', 'top-level `true`', () => 'true'),
  noEvent('A406', 'an empty object', () => '{}'),
  noEvent('A407', 'an array, 100,000 deep', () => nested),
  noEvent('A408', 'brackets, 100,000 open', () => '['.repeat(deep)),
  noEvent('A409', '`nan`', (now) => bodyWith(now, '"a":nan')),
  event('A410', '`NaN`, as Python writes it', (now) => bodyWith(now, '"a":NaN')),
  event('A411', '`Infinity`, as Python writes it', (now) => bodyWith(now, '"a":-Infinity')),
  noEvent('A412', 'a comment', (now) => bodyWith(now, '"a":/* one */1')),
  noEvent('A413', 'a comma too many', (now) => bodyWith(now, '"a":1,')),
  noEvent('A414', 'single quotes', (now) => bodyWith(now, "'a':1")),
  noEvent('A415', 'a number with a leading zero', (now) => bodyWith(now, '"a":01')),
  noEvent('A416', 'a control character in a string', (now) => bodyWith(now, '"a":"\u001b"')),
  noEvent('A417', 'two documents', (now) => `${body(now)}${body(now)}`),
  noEvent('A418', 'a NUL after the document', (now) => Buffer.concat([body(now), Buffer.of(0)])),
  noEvent('A419', 'an object cut off', (now) => body(now).subarray(0, -1)),
  noEvent('A420', 'a form', () => 'id=evt_1&type=optimization.completed'),
  noEvent(
    'A421',
    'XML with an entity',
    () => '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  ),
  noEvent('A425', 'an id that is a number', (now) => body(now, { id: 7 })),
  noEvent('A426', 'an id that is an object', (now) => body(now, { id: { $ne: null } })),
  noEvent('A427', 'an id that is an array', (now) => body(now, { id: ['evt_1'] })),
  noEvent('A428', 'an empty id', (now) => body(now, { id: '' })),
  noEvent('A429', 'an id only as `__proto__.id`', (now) =>
    body(now, { id: undefined }).toString().replace('{', '{"__proto__":{"id":"evt_1"},'),
  ),
  noEvent('A430', 'a type that is an object', (now) => body(now, { type: { toString: 'x' } })),
  noEvent('A431', 'an empty type', (now) => body(now, { type: '' })),
  noEvent('A432', 'no time', (now) => body(now, { created_at: undefined })),
  noEvent('A433', 'a time that is `1e400`', (now) =>
    `${body(now, { created_at: 1 })}`.replace('"created_at":1', '"created_at":1e400'),
  ),
  noEvent('A434', 'a time of year 275761', (now) => body(now, { created_at: '+275761-01-01T00:00:00Z' })),
  event('A440', 'keys twice: the last one counts', (now) =>
    bodyWith(now, `"id":"evt_${fresh()}","id":"evt_${fresh()}"`),
  ),
  event('A441', 'the type twice', (now) =>
    bodyWith(now, '"type":"unknown.type","type":"optimization.started"'),
  ),
  event('A442', '`__proto__` as a key of the envelope', (now) =>
    bodyWith(now, '"__proto__":{"polluted":true}'),
  ),
  event('A443', '`constructor` as a key of the envelope', (now) =>
    bodyWith(now, '"constructor":{"prototype":{"polluted":true}}'),
  ),
  event('A444', '`toString` as a key of the envelope', (now) =>
    bodyWith(now, '"toString":1,"valueOf":1,"toJSON":1,"then":1'),
  ),
  event('A445', '`__proto__`, `constructor` and `toString` as keys of the data', (now) =>
    Buffer.from(
      body(now)
        .toString()
        .replace(
          '"data":{',
          '"data":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"then":1,',
        ),
    ),
  ),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((type, index) =>
    event(`A45${index}`, `\`${type}\` as the type`, (now) => body(now, { type })),
  ),
  event('A454', 'a type with newlines', (now) => body(now, { type: 'a\r\nlevel=error msg="forged"\n' })),
  event('A455', 'a type of 100,000 characters', (now) => body(now, { type: 'x'.repeat(100_000) })),
  event('A456', 'a type that is half of a surrogate pair', (now) => body(now, { type: '\ud800' })),
  oddId('A460', '`__proto__`', () => '__proto__'),
  oddId('A461', '`constructor`', () => 'constructor'),
  oddId('A462', '`toString`', () => 'toString'),
  oddId('A463', 'with newlines', () => `evt\r\n${fresh()}\n{"level":"error"}`),
  oddId('A464', 'with colons', () => `sematryx:evt:${fresh()}:`),
  oddId('A465', 'with braces', () => `{evt}${fresh()}{}`),
  oddId('A466', 'of 1,000,000 characters', () => `${fresh()}`.padEnd(1_000_000, 'x')),
  oddId('A467', 'with a NUL', () => `evt\0${fresh()}`),
  oddId('A468', 'with half of a surrogate pair', () => `evt_${fresh()}\udc00`),
  oddId('A469', 'that is a path', () => `../../${fresh()}/etc/passwd`),
  oddId('A470', 'that is a command of Redis', () => `${fresh()}\r\n*1\r\n$8\r\nFLUSHALL\r\n`),
  oddId('A471', 'that is SQL', () => `${fresh()}'; DROP TABLE events; --`),
  oddId('A472', 'that looks like the key of a hashed one', () => `~${'a'.repeat(63)}${fresh() % 10}`),
  oddId('A473', 'with an escape sequence of a terminal', () => `\u001b[2J${fresh()}`),
  event('A480', 'objects in the data, 100,000 deep', (now) =>
    bodyWith(now, `"type":"optimization.started","data":${nestedObjects}`),
  ),
  event('A481', 'arrays in the data of an unknown type, 100,000 deep', (now) =>
    bodyWith(now, `"type":"unknown.type","data":${nested}`),
  ),
  event('A482', '`1e400` in an unknown field', (now) => bodyWith(now, '"a":1e400,"b":-1e400')),
  event('A483', 'integers over 2^53: exact in `rawBody`', (now) =>
    bodyWith(now, '"a":9007199254740993,"b":-123456789012345678901234567890'),
  ),
  event('A484', 'a number of 100,000 digits', (now) => bodyWith(now, `"a":${'9'.repeat(100_000)}`)),
  event('A485', '-0, 1e-400, and numbers written at length', (now) =>
    bodyWith(now, '"a":-0,"b":1e-400,"c":1.0000,"d":1E+2'),
  ),
  event('A486', '50,000 keys', (now) =>
    bodyWith(now, Array.from({ length: 50_000 }, (_, index) => `"${index}":0`).join()),
  ),
  event('A487', 'a key of 100,000 characters', (now) => bodyWith(now, `"${'k'.repeat(100_000)}":1`)),
  event('A488', 'escapes of every kind', (now) =>
    bodyWith(now, '"\\u0000\\u001b\\"":"\\/\\b\\f\\n\\r\\t\\ud83d\\ude80\\ud800"'),
  ),
  event('A489', 'exactly `maxBodyBytes`', (now) =>
    Buffer.concat([body(now), Buffer.alloc(maxBodyBytes)])
      .fill(' ', body(now).length)
      .subarray(0, maxBodyBytes),
  ),
  event('A490', '`1e400` in a documented field: the number is infinite', (now) =>
    bodyWithResult(now, completed('1e400')),
  ),
  misfit('A491', 'a text in place of a documented number', completed('"0.25"')),
  misfit('A492', '`null` in place of a documented object', 'null'),
  misfit('A493', '`__proto__` in place of the documented fields', `{"__proto__":${completed('0.25')}}`),
]
