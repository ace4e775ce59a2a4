/** What was parsed from texts, by the exact text, for as long as there is room. */
export interface ParsedTexts {
  find(text: string): unknown
  keep(text: string, parsed: unknown): void
}

/** Holds texts of `mostCharacters` together, the newest; one that is larger alone is not kept. */
export function createParsedTexts(mostCharacters: number): ParsedTexts {
  const known = new Map<string, unknown>()
  let characters = 0
  return {
    find: text => known.get(text),
    keep(text, parsed) {
      if (text.length > mostCharacters || known.has(text)) return
      known.set(text, parsed)
      characters += text.length
      for (const oldest of known.keys()) {
        if (characters <= mostCharacters) return
        known.delete(oldest)
        characters -= oldest.length
      }
    },
  }
}
