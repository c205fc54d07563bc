// @ts-check
import withNuxt from './.nuxt/eslint.config.mjs'

// The config composer of @nuxt/eslint uses this; Node has it from 21 on, and we support 20.
Object.groupBy ??= (items, keyOf) => {
  const groups = Object.create(null)
  let index = 0
  for (const item of items) (groups[keyOf(item, index++)] ??= []).push(item)
  return groups
}

/**
 * @param {{ regex: string, message: string }[]} patterns imports that a folder may not have
 * @returns {['error', { patterns: { regex: string, message: string }[] }]}
 */
const refuse = (...patterns) => ['error', { patterns }]

/** What Nitro and Nuxt offer without an import. It would work in these folders, and tie them to the framework. */
const autoImports = [
  'useRuntimeConfig', 'useNitroApp', 'useStorage', 'useEvent', 'useAppConfig', 'useState', 'createError', 'defineEventHandler', 'eventHandler',
  'defineNitroPlugin', 'getQuery', 'readBody', 'getCookie', 'setCookie', 'getRequestIP', 'getHeader', 'setHeader', 'navigateTo', '$fetch', 'useChat', 'defineChatHandler'
].map(name => ({ name, message: 'The core, the drivers and the real-time layer know no framework: pass what they need.' }))

const noFramework = {
  regex: '^(h3|nitropack|nuxt|vue|#imports|#app|#build|#nitro)(/|$|-)', message: 'The core, the drivers and the real-time layer import no h3, Nitro, Nuxt or Vue.'
}

/** DESIGN: doors → core → ports. Each rule here is one arrow that must not be drawn. */
export default withNuxt(
  {
    name: 'chatly/everywhere',
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      '@stylistic/operator-linebreak': ['error', 'before', { overrides: { '=': 'after' } }],
      '@stylistic/max-statements-per-line': 'off',
      'no-console': ['error', { allow: ['error', 'warn', 'info'] }]
    }
  },
  {
    name: 'chatly/programs',
    files: ['scripts/**', 'bench/**', 'cli/**', 'tests/**', 'build/**'],
    rules: { 'no-console': 'off' }
  },
  {
    name: 'chatly/core',
    files: ['server/core/**/*.ts'],
    rules: {
      'no-restricted-imports': refuse(
        { regex: '^(?!#shared/|\\.{1,2}/|node:crypto$)', message: 'The core imports only #shared, itself and node:crypto.' },
        { regex: '(^|/)\\.\\./(.*/)?(drivers|realtime|entry|api|routes|plugins|utils)(/|$)|^\\.\\./\\.\\./', message: 'The core imports only #shared, itself and node:crypto.' }
      ),
      'no-restricted-globals': ['error', ...autoImports]
    }
  },
  {
    name: 'chatly/drivers',
    files: ['server/drivers/**/*.ts'],
    rules: {
      'no-restricted-imports': refuse(
        noFramework,
        { regex: '(^|/)\\.\\./(.*/)?(realtime|entry|api|routes|plugins|utils)(/|$)', message: 'A driver serves the core; it knows no door.' }
      ),
      'no-restricted-globals': ['error', ...autoImports]
    }
  },
  {
    name: 'chatly/realtime',
    files: ['server/realtime/**/*.ts'],
    rules: {
      'no-restricted-imports': refuse(
        noFramework,
        { regex: '^(crossws|ws)(/|$)', message: 'The socket library ends at server/entry and server/routes.' },
        { regex: '(^|/)drivers(/|$)', message: 'The real-time layer talks to ports, never to a driver.' }
      ),
      'no-restricted-globals': ['error', ...autoImports]
    }
  },
  {
    name: 'chatly/doors',
    files: ['server/api/**/*.ts', 'server/routes/**/*.ts', 'server/plugins/**/*.ts'],
    rules: {
      'no-restricted-imports': refuse({ regex: '(^|/)drivers(/|$)', message: 'Only the composition root (server/utils/chat.ts) opens drivers.' })
    }
  },
  {
    name: 'chatly/client',
    files: ['app.vue', 'error.vue', 'app.config.ts', '{pages,components,composables,stores,plugins,middleware,utils,layouts,locales}/**/*.{ts,vue}'],
    rules: {
      'no-restricted-imports': refuse(
        { regex: '(^|/)server(/|$)|^#server', message: 'The browser side never imports the server: it would be shipped to the browser.' },
        { regex: '^node:', message: 'There is no Node in a browser.' }
      ),
      'no-restricted-syntax': ['error', { selector: 'ImportExpression[source.value=/(^|\\u002F)server(\\u002F|$)|^#server/]', message: 'The browser side never imports the server.' }]
    }
  },
  {
    name: 'chatly/shared',
    files: ['shared/**/*.ts'],
    rules: {
      'no-restricted-imports': refuse({ regex: '^(?!zod$|\\./)', message: '#shared runs everywhere: it imports only zod and itself.' })
    }
  },
  {
    name: 'chatly/small-files',
    files: ['server/api/**/*.ts', 'pages/**/*.vue'],
    rules: { 'max-lines': ['error', { max: 40, skipComments: false, skipBlankLines: false }] }
  }
)
