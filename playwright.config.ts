import { defineConfig, devices } from '@playwright/test'

const desktop = { ...devices['Desktop Chrome'], viewport: { width: 1440, height: 900 } }
const phone = { ...desktop, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }

/** Browser tests on the built server, in Debian's Chromium. Each test starts its own server: nothing is shared, so nothing waits for another. */
export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/support/browser-setup.ts',
  workers: 2,
  fullyParallel: true,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  use: {
    launchOptions: {
      // `npm test` names the one that it found, or installed.
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
      args: [
        '--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
        // A name on the local network: plain HTTP, not a secure context, as from a phone.
        '--host-resolver-rules=MAP chat.lan 127.0.0.1'
      ]
    },
    locale: 'en-GB',
    actionTimeout: 20_000,
    // A trace costs half of the processor: ask for one with `--trace on`.
    screenshot: 'only-on-failure'
  },
  projects: [
    { name: 'desktop', use: desktop },
    // What looks and feels different under a finger.
    { name: 'phone', use: phone, testMatch: /(talk|axe|history)\.spec\.ts/ }
  ]
})
