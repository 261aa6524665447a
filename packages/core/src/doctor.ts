export { diagnoseSignature, type SignatureCase } from './doctor/diagnose-signature.ts'
export type { Diagnosis } from './doctor/diagnosis.ts'
export type { SignatureCause } from './doctor/explanations.ts'
