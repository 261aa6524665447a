/** What is wrong with a signature. The union is closed. */
export type SignatureCause =
  | 'missing_signature'
  | 'wrong_header'
  | 'signature_prefix'
  | 'signature_encoding'
  | 'upper_case_signature'
  | 'quoted_signature'
  | 'truncated_signature'
  | 'other_algorithm'
  | 'missing_signed_header'
  | 'other_url'
  | 'other_secret'
  | 'padded_secret'
  | 'quoted_secret'
  | 'decoded_secret'
  | 'reserialized_json'
  | 'decoded_text'
  | 'trailing_newline'
  | 'line_endings'
  | 'byte_order_mark'
  | 'truncated_body'

interface Explanation {
  readonly explanation: string
  readonly fix: string
}

const rawBodyFix =
  'verify the bytes as they came over the wire: mount the webhook before express.json() and other body parsers, and let nothing in front rewrite bodies'

/** Explanations for the operator. `%` stands for a detail, such as the name of a header. */
export const explanations: Record<SignatureCause, Explanation> = {
  missing_signature: {
    explanation: 'the delivery has no signature in any header',
    fix: 'register the webhook with a secret, and make sure that no proxy in front removes headers',
  },
  wrong_header: {
    explanation: 'the signature is right, but it is in the header %',
    fix: 'is this the right provider, or does a proxy rename headers? Read the signature from that header',
  },
  signature_prefix: {
    explanation:
      'the digits of the signature are right, but the prefix before them (such as sha256=) is missing, unexpected or wrong',
    fix: 'add or remove the prefix where the signature is made or passed on',
  },
  signature_encoding: {
    explanation:
      'the signature is right, but written in another encoding: base64 where hex is expected, or the other way round, or base64url',
    fix: 'have the sender write the digest in the encoding that the provider documents',
  },
  upper_case_signature: {
    explanation: 'the signature is right, but its hex digits are in upper case',
    fix: 'have the sender write lower-case hex digits',
  },
  quoted_signature: {
    explanation:
      'the signature is right, but something is around it: quotation marks, white space, or what follows it, such as the same one again',
    fix: 'remove that where the signature is passed on; a proxy may send the header twice',
  },
  truncated_signature: {
    explanation: 'the signature is cut off: it is the beginning of the right one',
    fix: 'look for a limit on the length of headers, or a column that is too short for 64 digits',
  },
  other_algorithm: {
    explanation: 'the signature is right, but made with another algorithm than the definition reads: %',
    fix: 'choose the algorithm that the provider documents where the webhook is registered, or name it in the definition, and read a digest of its length there: readHexDigest(text, { bytes: 20 })',
  },
  missing_signed_header: {
    explanation: 'the header % is signed with the body, but it is missing',
    fix: 'make sure that no proxy in front removes or renames it; if you send by hand, pass it with --header',
  },
  other_url: {
    explanation: 'the sender signs the URL that it calls, and knows it as %, or as that with another query',
    fix: 'configure the URL (publicUrl, --public-url) exactly as it is registered with the sender: scheme, host, port, path, the slash at its end, and query',
  },
  other_secret: {
    explanation: 'the delivery is signed with another secret that you have: %',
    fix: 'swap the secrets, or send the webhook to the URL that its secret belongs to',
  },
  padded_secret: {
    explanation:
      'one of the two secrets, the sender’s or yours, has white space at its start or end, most often a newline from a file',
    fix: 'register the webhook again, with the secret without that white space',
  },
  quoted_secret: {
    explanation:
      'one of the two secrets, the sender’s or yours, has quotation marks around it, or a comma or semicolon behind it, most often from an .env file',
    fix: 'remove them, and the white space around them',
  },
  decoded_secret: {
    explanation:
      'the secret is right, but it is not used as the sender uses it: with or without whsec_, as text, or decoded from base64 or hex',
    fix: 'give the secret exactly as the provider shows it, and use the provider that matches the sender; a definition of your own decodes it in decodeSecret',
  },
  reserialized_json: {
    explanation:
      'the body was parsed and serialised again on one of the two sides: the signature matches the same JSON, written differently',
    fix: `${rawBodyFix}. If the sender signs JSON.stringify of the body, give the provider acceptReserialized: true, or its definition resignedContent`,
  },
  decoded_text: {
    explanation:
      'the body was decoded to text and encoded again in another way (with the wrong character set, in another form of Unicode, or in base64), which changed its bytes',
    fix: `${rawBodyFix}; keep the body a Buffer, never a string`,
  },
  trailing_newline: {
    explanation: 'white space at an end of the body, most often a newline behind it, was added or removed',
    fix: `${rawBodyFix}. Editors and echo add newlines: save the body with curl -o or printf`,
  },
  line_endings: {
    explanation: 'the line endings of the body were changed (LF and CRLF)',
    fix: `${rawBodyFix}. If the body was saved in a file: was it checked out by git with autocrlf?`,
  },
  byte_order_mark: {
    explanation: 'a byte order mark at the start of the body was added or removed',
    fix: `${rawBodyFix}. If the body was saved in a file: save it as UTF-8 without BOM`,
  },
  truncated_body: {
    explanation: 'the body is not complete: %',
    fix: 'look for a limit on the size of bodies in front of the receiver, or a reader that stops after the first chunk',
  },
}
