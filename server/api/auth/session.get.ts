/** Who I am, and what this site lets a newcomer do. */
export default defineChatHandler(async ({ chat, config, viewer }) => {
  const [me, needsSetUp] = await Promise.all([viewer && chat.accounts.me(viewer), chat.accounts.needsSetUp()])
  return { me, needsSetUp, signup: config.signup, public: config.public }
})
