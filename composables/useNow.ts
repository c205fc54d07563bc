/** The time by which ages are told, in milliseconds: one for the whole page, the server's until it has hydrated, then moved on by app.vue. */
export const useNow = () => useState('now', () => Date.now())
