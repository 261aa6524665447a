const completeString = /"(?:[^"\\]|\\.)*"/gs

/** Whether the bytes are the beginning of a JSON object or array that does not end. */
export function isCutOffJson(body: Uint8Array): boolean {
  const text = beginningOfText(body)
  if (text === undefined || !/^\s*[{[]/.test(text)) return false
  const structure = text.replace(completeString, '')
  if (structure.includes('"')) return true
  const opened = structure.match(/[{[]/g)?.length ?? 0
  const closed = structure.match(/[}\]]/g)?.length ?? 0
  return opened > closed
}

/** The cut may go through a character of several bytes. With `stream`, the decoder leaves that character out. */
function beginningOfText(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true })
  } catch {
    return undefined
  }
}
