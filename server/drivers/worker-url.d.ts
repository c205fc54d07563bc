/** build/node-programs.ts */
declare module '*?worker-url' {
  const url: string
  export default url
}
