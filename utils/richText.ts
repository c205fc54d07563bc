/** What a message's text is made of. There is no markup and no HTML in it: every token is shown as text. */
export type RichToken =
  | { type: 'text', text: string }
  | { type: 'break' }
  | { type: 'link', text: string, href: string }
  | { type: 'code', text: string }
  | { type: 'block', text: string, language: string }

const fence = /^```([A-Za-z0-9+#._-]{0,32})[ \t]*$/
const oneLineFence = /^```([^`\n]+)```[ \t]*$/
/** Up to white space, quotes, brackets of markup, and the invisible characters that could disguise an address. */
const address = /(?<![\p{L}\p{N}_])(?:https?:\/\/|mailto:)[^\s<>"`\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]+/giu
const closing: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
const trailing = new Set('.,;:!?\'*_~…。、,!?”’»')
const schemes = new Set(['http:', 'https:', 'mailto:'])
const longestAddress = 2_048

/** Length of an address without the punctuation of the sentence around it; a closing bracket stays when it was opened inside. */
function addressLength(text: string): number {
  const open: Record<string, number> = {}
  for (const character of text) open[character] = (open[character] ?? 0) + 1
  let end = text.length
  while (end > 0) {
    const last = text.charAt(end - 1)
    const opener = closing[last]
    if (opener ? (open[last] ?? 0) <= (open[opener] ?? 0) : !trailing.has(last)) break
    open[last] = (open[last] ?? 0) - 1
    end--
  }
  return end
}

/** The address to open, or null for what must not be a link: another scheme, no host, or a user name that poses as a host. */
function safeHref(text: string): string | null {
  if (text.length > longestAddress || !URL.canParse(text)) return null
  const url = new URL(text)
  if (!schemes.has(url.protocol)) return null
  if (url.protocol === 'mailto:') return url.pathname.includes('@') ? url.href : null
  return url.hostname !== '' && url.username === '' && url.password === '' ? url.href : null
}

function pushText(tokens: RichToken[], text: string): void {
  if (text === '') return
  const last = tokens.at(-1)
  if (last?.type === 'text') last.text += text
  else tokens.push({ type: 'text', text })
}

function pushLinks(tokens: RichToken[], text: string): void {
  let from = 0
  for (const match of text.matchAll(address)) {
    const found = match[0].slice(0, addressLength(match[0]))
    const href = safeHref(found)
    if (!href) continue
    pushText(tokens, text.slice(from, match.index))
    tokens.push({ type: 'link', text: found, href })
    from = match.index + found.length
  }
  pushText(tokens, text.slice(from))
}

/** Splits a line at `code`: a run of backticks closes with the next run of the same length. Linear: closers are found from the right, once. */
function pushLine(tokens: RichToken[], line: string): void {
  const runs = [...line.matchAll(/`+/g)]
  const closer: (number | undefined)[] = []
  const lastOfLength = new Map<number, number>()
  for (let i = runs.length - 1; i >= 0; i--) {
    const length = runs[i]![0].length
    closer[i] = lastOfLength.get(length)
    lastOfLength.set(length, i)
  }
  let from = 0
  for (let i = 0; i < runs.length; i++) {
    const opened = runs[i]!
    const close = closer[i]
    const closed = close === undefined ? undefined : runs[close]
    if (close === undefined || !closed) continue
    const inside = line.slice(opened.index + opened[0].length, closed.index)
    if (inside.trim() === '') continue
    pushLinks(tokens, line.slice(from, opened.index))
    tokens.push({ type: 'code', text: opened[0].length > 1 ? inside.trim() : inside })
    from = closed.index + closed[0].length
    i = close
  }
  pushLinks(tokens, line.slice(from))
}

/**
 * Parses a message's text: links (http, https, mailto), line breaks, `inline code` and fenced blocks. What is not closed is plain text.
 * Takes time linear in the text's length, whatever is in it.
 */
export function parseRichText(source: string): RichToken[] {
  const lines = source.split('\n')
  const fences = lines.flatMap((line, index) => line.trimEnd() === '```' ? [index] : [])
  const tokens: RichToken[] = []
  let nextFence = 0
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    while (nextFence < fences.length && fences[nextFence]! <= index) nextFence++
    const end = fences[nextFence]
    const opened = line.startsWith('```') && end !== undefined ? fence.exec(line) : null
    const short = line.startsWith('```') ? oneLineFence.exec(line) : null
    // A block stands on lines of its own already; a break beside it would be an empty line.
    if (index > 0 && tokens.at(-1)?.type !== 'block' && !opened && !short) tokens.push({ type: 'break' })
    if (opened && end !== undefined) {
      tokens.push({ type: 'block', text: lines.slice(index + 1, end).join('\n'), language: opened[1] ?? '' })
      index = end
    } else if (short) {
      tokens.push({ type: 'block', text: short[1]!.trim(), language: '' })
    } else {
      pushLine(tokens, line)
    }
  }
  return tokens
}

/** A message's text where it is quoted, in a line: without the marks of code. */
export const plainText = (source: string): string =>
  parseRichText(source).map(token => token.type === 'break' ? ' ' : token.type === 'block' ? ` ${token.text} ` : token.text).join('').replace(/\s+/g, ' ').trim()

// Not \p{RGI_Emoji}: as part of a repetition it takes a second to compile.
const picture = '(?:\\p{Regional_Indicator}{2}|\\p{Extended_Pictographic}[\\p{Emoji_Modifier}\\uFE0F]?(?:\\u200D\\p{Extended_Pictographic}[\\p{Emoji_Modifier}\\uFE0F]?)*)'
const emojiOnly = new RegExp(`^(?:${picture}\\s?){1,3}$`, 'u')

/** Whether the text is one to three emoji and nothing else: those are shown large. */
export const isEmojiOnly = (text: string): boolean => text.length <= 60 && emojiOnly.test(text.trim())
