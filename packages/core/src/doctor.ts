export { type Diagnosis, diagnoseSignature, type SignatureCase } from './doctor/diagnose-signature.ts'
export type { SignatureCause } from './doctor/explanations.ts'
