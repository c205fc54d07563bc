/** What people choose from to react. The server takes any emoji. */
export const reactionEmoji = [
  '👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀',
  '🔥', '👏', '💯', '✅', '❌', '🤔', '😍', '😅',
  '😎', '🥳', '🚀', '💡', '👋', '💪', '☕', '👎'
] as const
