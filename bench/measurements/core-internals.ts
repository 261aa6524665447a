/** The steps that are measured by themselves are not public. Only this file of the benchmark reaches into core for them. */

export { verifySignature } from '../../packages/core/src/accept/verify/verify-signature.ts'
export { equalDigests, hmacSha256 } from '../../packages/core/src/bytes/hmac-sha256.ts'
export { silentLogger } from '../../packages/core/src/contracts/logger.ts'
export { Instruments } from '../../packages/core/src/observe/instruments.ts'
export { observeWith } from '../../packages/core/src/observe/observe-with.ts'
