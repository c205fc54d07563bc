import { reportsQuery } from '#shared/schemas'

/** Of the rooms that I moderate, or of one of them. */
export default defineChatHandler(({ chat, identity, query }) => chat.reports.list(identity(), query(reportsQuery)))
