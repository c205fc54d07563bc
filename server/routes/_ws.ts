export default defineWebSocketHandler({
  open(peer) { peer.send('hi'); console.log(Object.keys((peer as any).websocket), (peer as any)._internal && Object.keys((peer as any)._internal)) }
})
