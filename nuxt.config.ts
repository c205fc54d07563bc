import { fileURLToPath } from 'node:url'
import { defineNuxtModule } from 'nuxt/kit'
import { nodePrograms } from './build/node-programs'

/** Those that Nuxt UI's own components draw: the scan sees only what stands in our files. */
const uiIcons = ['lucide:check', 'lucide:chevron-down', 'lucide:loader-circle', 'lucide:x']

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/**
 * Nuxt takes `onServerPrefetch` out of what the browser gets. Vue counts the components that have it, though, on both sides: generated ids (of menus, descriptions,
 * labels) would differ, below every icon, from those that the server rendered.
 */
const sameIds = defineNuxtModule((_, { options }) => {
  const { client } = options.optimization.treeShake.composables
  client.vue = client.vue?.filter(name => name !== 'onServerPrefetch') ?? []
})

export default defineNuxtConfig({
  modules: ['@nuxt/eslint', '@nuxt/ui', '@pinia/nuxt', sameIds],
  // The production listener is ours (docs/architecture.md); `nuxt dev` keeps Nitro's, with the same hooks.
  $production: { nitro: { entry: './entry/node.ts' } },
  devtools: { enabled: false },
  css: ['~/assets/css/main.css'],
  // It would put a style sheet into the page by a script, which the page's policy refuses.
  colorMode: { disableTransition: false },
  // No network at build or run time: system fonts, icons from the installed package.
  ui: { fonts: false },
  // 140 KB of style sheet in every page: linked, it is fetched once.
  features: { inlineStyles: false },
  // It would be fetched again and again to find a newer build, and say so in the console of everybody who is offline; a missing chunk reloads the page anyway.
  experimental: { appManifest: false },
  compatibilityDate: '2026-11-01',
  nitro: {
    experimental: { websocket: true },
    compressPublicAssets: true,
    // Nitro's default, es2019, turns every private field into a WeakMap: too much for what each socket keeps. Node 20 knows them.
    esbuild: { options: { target: 'es2022' } },
    rollupConfig: { output: {}, plugins: [nodePrograms([path('./cli/chatly.ts')])] }
  },
  // Found only on the way, each would reload the developer's page under their hands.
  vite: { optimizeDeps: { include: ['@vueuse/core', 'idb', 'zod'] } },
  typescript: { strict: true, tsConfig: { compilerOptions: { noUncheckedIndexedAccess: true } } },
  telemetry: false,
  hooks: {
    'nitro:config'(nitro) {
      // Nobody asks for icons, and every address that the server answers at is one of ours.
      nitro.handlers = nitro.handlers?.filter(handler => !handler?.route?.startsWith('/api/_nuxt_icon'))
    },
    'build:manifest'(manifest) {
      // Most sites keep their accounts themselves, and their pages need not even fetch this ahead.
      for (const [name, file] of Object.entries(manifest)) if (name.endsWith('utils/firebase/library.ts')) file.prefetch = false
    }
  },
  eslint: { config: { stylistic: { commaDangle: 'never', braceStyle: '1tbs' } } },
  // All icons are in the bundle, also those that are named in lists of links.
  icon: { provider: 'none', serverBundle: false, fallbackToApi: false, mode: 'svg', clientBundle: { scan: { globInclude: ['**/*.{vue,ts}'] }, icons: uiIcons } }
})
