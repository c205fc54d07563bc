/** Ends this session, here and on its sockets. Somebody who is not signed in may sign out. */
export default defineChatHandler(async ({ chat, viewer, signOut }) => {
  await chat.accounts.logOut(viewer)
  signOut()
})
