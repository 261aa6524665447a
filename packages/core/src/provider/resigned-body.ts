import { decodeJson } from '../bodies/json.ts'
import type { ProviderDefinition, SignatureScheme } from '../contracts/provider/provider.ts'
import { isLate } from '../time/awaitable.ts'

const encoder = new TextEncoder()

/** The bytes of a definition's `resignedContent`. A body that is not JSON has none. */
export function resignedBody(definition: ProviderDefinition): SignatureScheme['resignedBody'] {
  const resignedContent = definition.resignedContent?.bind(definition)
  if (resignedContent === undefined) return () => undefined
  return (rawBody) => {
    try {
      const content = resignedContent(decodeJson(rawBody))
      return isLate(content) ? undefined : encoder.encode(content)
    } catch {
      return undefined
    }
  }
}
