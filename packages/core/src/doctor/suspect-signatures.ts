import type { HeaderReader } from '../contracts/delivery.ts'
import type { Provider, SignatureClaim } from '../contracts/provider.ts'
import type { SignatureCause } from './explanations.ts'
import { innocent, type Suspect } from './suspect.ts'
import { findDigest, formsOf, type WrittenDigest } from './written-digest.ts'

type ReadSignature = Provider['readSignature']

/** The claim that the headers make, and those that they would make without one of the known causes. */
export function suspectSignatures(
  readSignature: ReadSignature,
  headers: HeaderReader,
  headerNames: readonly string[],
): Suspect<SignatureClaim>[] {
  const suspects: Suspect<SignatureClaim>[] = []
  const plain = claimOf(readSignature, headers)
  if (plain) suspects.push(innocent(plain))
  const asked = namesAsked(readSignature, headers)
  for (const name of asked) {
    const value = headers.get(name)
    if (value) suspects.push(...respelled(readSignature, headers, name, value, []))
  }
  for (const other of headerNames.filter((name) => !asked.includes(name))) {
    const value = headers.get(other)
    if (!value) continue
    for (const name of asked.filter((missing) => !headers.get(missing))) {
      const moved = respelled(readSignature, headers, name, value, ['wrong_header'])
      suspects.push(...moved.map((suspect) => ({ ...suspect, detail: other })))
    }
  }
  return suspects
}

/** The headers that the provider looks at, in order. */
export function namesAsked(readSignature: ReadSignature, headers: HeaderReader): string[] {
  const asked = new Set<string>()
  const get = (name: string) => {
    asked.add(name)
    return headers.get(name)
  }
  claimOf(readSignature, { get })
  return [...asked]
}

/** The digest in `value`, written in each form that the provider might take, under `name`. */
function respelled(
  readSignature: ReadSignature,
  headers: HeaderReader,
  name: string,
  value: string,
  causes: readonly SignatureCause[],
): Suspect<SignatureClaim>[] {
  const found = findDigest(value)
  if (!found) return []
  for (const form of formsOf(found)) {
    const get = (asked: string) => (asked === name ? form.text : headers.get(asked))
    const claim = claimOf(readSignature, { get })
    if (claim) return [{ value: claim, causes: [...causes, ...differences(found, form)] }]
  }
  return []
}

function differences(found: WrittenDigest, accepted: WrittenDigest): SignatureCause[] {
  const causes: SignatureCause[] = []
  if (found.quoted) causes.push('quoted_signature')
  if (found.encoding !== accepted.encoding) causes.push('signature_encoding')
  else if (found.upperCase) causes.push('upper_case_signature')
  if (found.prefix !== accepted.prefix) causes.push('signature_prefix')
  return causes
}

function claimOf(readSignature: ReadSignature, headers: HeaderReader): SignatureClaim | undefined {
  try {
    const reading = readSignature(headers)
    return typeof reading === 'string' ? undefined : reading
  } catch {
    return undefined // such as a signed time that is too old
  }
}
