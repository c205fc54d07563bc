import { defineConfig, devices } from '@playwright/test'

/** Browser tests on the built server, in Debian's Chromium. Each test starts its own server: nothing is shared, so nothing waits for another. */
export default defineConfig({
  testDir: 'tests/e2e',
  workers: 2,
  fullyParallel: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  use: {
    ...devices['Desktop Chrome'],
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
        // A name on the local network: plain HTTP, not a secure context, as from a phone.
        '--host-resolver-rules=MAP chat.lan 127.0.0.1'
      ]
    },
    locale: 'en-GB',
    trace: 'retain-on-failure'
  }
})
