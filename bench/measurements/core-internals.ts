/** The steps that are measured by themselves are not public. Only this file of the benchmark reaches into core for them. */
export { equalDigests, hmacSha256 } from '../../packages/core/src/hmac-sha256.ts'
export { silentLogger } from '../../packages/core/src/logger.ts'
export { observeWith } from '../../packages/core/src/observers.ts'
export { verifySignature } from '../../packages/core/src/verify-signature.ts'
