import type { DiagnoseMismatch, SignatureScheme } from '../contracts/provider/provider.ts'
import type { SecretOption } from '../contracts/provider/secret.ts'

/** Strangers can make the doctor run, and the reply waits for it. */
const withinMs = 50

/**
 * The doctor for a provider's signatures. Undefined outside of development (`NODE_ENV`), as strangers can make it run, and where secrets
 * are picked by a function. It is a closure, so that no object holds the secrets.
 */
export function mismatchDiagnosis(
  scheme: SignatureScheme,
  secret: SecretOption | undefined,
): DiagnoseMismatch | undefined {
  // Keep this exact expression: bundlers that know NODE_ENV leave the doctor out of production builds.
  if (typeof process !== 'object' || process.env?.NODE_ENV !== 'development') return undefined
  if (typeof secret === 'function' || secret === undefined) return undefined
  return async (body, headers, request) => {
    const { diagnoseSignature } = await import('../doctor/diagnose-signature.ts')
    const { explanation, fix } = await diagnoseSignature({
      provider: scheme,
      secrets: [secret].flat(),
      body,
      headers,
      withinMs,
      ...(request && { request }),
    })
    return `${explanation}: ${fix}`
  }
}
