/** The CVE numbers that some texts name, in capitals, each once, by year and number. */
export function cvesIn(texts: Iterable<string>): string[] {
  const found = new Set<string>()
  for (const text of texts)
    for (const id of text.match(/\bCVE-[0-9]{4}-[0-9]{4,19}\b/gi) ?? []) found.add(id.toUpperCase())
  const key = (id: string) => id.replace(/[0-9]+$/, number => number.padStart(19, '0'))
  return [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
