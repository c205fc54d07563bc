/** A small hash that spreads ids evenly (FNV-1a, 32 bits). */
function hash(text: string): number {
  let value = 0x811C9DC5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

/** The colour that stands for an id: always the same one, dark enough for white text on it (contrast above 4.5) in both themes. A CSS colour. */
export function avatarColor(id: string): string {
  return `oklch(0.5 0.11 ${(hash(id) % 24) * 15})`
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The first letters of the first and the last word of a name, at most two, in capitals; '?' for a name that is gone. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const first = words.length > 1 ? [words[0], words[words.length - 1]] : words
  return first.map(word => [...graphemes.segment(word ?? '')][0]?.segment ?? '').join('').toUpperCase() || '?'
}
