/** Tells the page that is made by which address others know this site: what a request calls it may be any name that leads here. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('render:before', async ({ event }) => {
    const { config } = await useChat()
    event.context.ownOrigin = ownOrigin(event.node.req, config.origins)
  })
})
