/** A name as it is searched and sorted: without regard to case. What is stored depends on it, so it never changes. */
export const fold = (name: string): string => name.normalize('NFKC').toLowerCase()

/**
 * The pieces of one to three characters of some texts: what search finds, because Firestore can't look inside a text. The longest piece of what is searched
 * for finds the candidates, and these are then looked at.
 */
export function gramsOf(...texts: readonly string[]): string[] {
  const grams = new Set<string>()
  for (const text of texts) {
    const characters = [...text]
    for (let from = 0; from < characters.length; from++) {
      for (let length = 1; length <= 3 && from + length <= characters.length; length++) grams.add(characters.slice(from, from + length).join(''))
    }
  }
  return [...grams]
}

/** One piece that whatever has `search` in it also has. */
export const gramOf = (search: string): string => [...search].slice(0, 3).join('')

/** By their UTF-8 bytes, as Firestore sorts. */
export const compareText = (a: string, b: string): number => a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
