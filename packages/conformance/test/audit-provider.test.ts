import { jaotAuditProvider, sematryxAuditProvider } from '@hookport/conformance'
import { providersByName } from '@hookport/providers/by-name'
import { expect, test } from 'vitest'

test.each([sematryxAuditProvider, jaotAuditProvider])(
  'audits sign in the header that the definition of $name reads',
  ({ name, signatureHeader }) => {
    const provider = providersByName[name]?.({ allowUnsigned: true })
    expect(provider?.signatureHeaders).toEqual([signatureHeader.toLowerCase()])
  },
)
