import { encodeHex } from '../../bytes/digests.ts'
import type { HeaderReader } from '../../contracts/delivery.ts'
import type { SignatureClaim, SignatureScheme } from '../../contracts/provider/provider.ts'
import { signatureAlgorithms } from '../../keys/signature-key.ts'
import type { SignatureCause } from '../explanations.ts'
import { innocent, type Suspect } from './suspect.ts'
import { findDigest, formsOf, type WrittenDigest } from './written-digest.ts'

/** An ECDSA signature on the curve P-256: a sequence that says how long it is, of 68 to 72 bytes in all. */
function findInDer(value: string): WrittenDigest | undefined {
  return [72, 71, 70, 69, 68]
    .map((bytes) => findDigest(value, bytes))
    .find((found) => found?.digest[0] === 0x30 && found.digest[1] === found.digest.length - 2)
}

/** The claim in the headers, and what it would be without one of the known causes. */
export function suspectSignatures(
  scheme: SignatureScheme,
  headers: HeaderReader,
  headerNames: readonly string[],
): Suspect<SignatureClaim>[] {
  const { signatureHeaders } = scheme
  const suspects: Suspect<SignatureClaim>[] = []
  const plain = claimOf(scheme.readSignature, headers)
  if (plain) suspects.push(innocent(plain))
  for (const name of signatureHeaders) {
    const value = headers.get(name)
    if (value) suspects.push(...respelled(scheme, headers, name, value, []))
  }
  for (const other of headerNames.filter((name) => !signatureHeaders.includes(name))) {
    const value = headers.get(other)
    if (!value) continue
    for (const name of signatureHeaders.filter((missing) => !headers.get(missing))) {
      const moved = respelled(scheme, headers, name, value, ['wrong_header'])
      suspects.push(...moved.map((suspect) => ({ ...suspect, detail: other })))
    }
  }
  return suspects
}

/**
 * What the headers would claim if the digest in `value` were under `name`, in a form that the provider accepts. Empty where it already has that form,
 * as the unchanged headers were tried before.
 */
function respelled(
  { algorithm, readSignature, signaturePrefix }: SignatureScheme,
  headers: HeaderReader,
  name: string,
  value: string,
  causes: readonly SignatureCause[],
): Suspect<SignatureClaim>[] {
  const { digestBytes } = signatureAlgorithms[algorithm]
  const found = digestBytes ? findDigest(value, digestBytes) : findInDer(value)
  if (!found) return []
  for (const form of formsOf(found, signaturePrefix)) {
    const get = (asked: string) => (asked === name ? form.text : headers.get(asked))
    const claim = claimOf(readSignature, { get })
    if (!claim?.digests.some((read) => encodeHex(read) === encodeHex(found.digest))) continue // hex may be read as base64
    const undone = [...causes, ...differences(found, form)]
    return undone.length > 0 ? [{ value: claim, causes: undone }] : []
  }
  return []
}

function differences(found: WrittenDigest, accepted: WrittenDigest): SignatureCause[] {
  const causes: SignatureCause[] = []
  const onlyFollowed = found.followed && found.prefix === accepted.prefix
  if (found.quoted || onlyFollowed) causes.push('quoted_signature')
  if (found.encoding !== accepted.encoding) causes.push('signature_encoding')
  else if (found.upperCase) causes.push('upper_case_signature')
  if (found.prefix !== accepted.prefix) causes.push('signature_prefix')
  return causes
}

/** What the headers claim; undefined where they can't be read as a signature. */
export function claimOf(
  readSignature: SignatureScheme['readSignature'],
  headers: HeaderReader,
): SignatureClaim | undefined {
  try {
    const reading = readSignature(headers)
    return typeof reading === 'string' ? undefined : reading
  } catch {
    return undefined // such as a signed time that is too old
  }
}
