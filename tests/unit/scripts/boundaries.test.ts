import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'

let eslint: ESLint
beforeAll(() => { eslint = new ESLint() })

/** The rules that a line of code breaks when it stands in this file. */
async function broken(file: string, line: string): Promise<string[]> {
  const code = file.endsWith('.vue') ? `<script setup lang="ts">\n${line}\n</script>\n\n<template>\n  <div />\n</template>\n` : `${line}\n`
  const [result] = await eslint.lintText(code, { filePath: file })
  return result!.messages.map(message => message.ruleId ?? message.message)
}

const imports = 'no-restricted-imports'
const refused: [string, string, string][] = [
  ['server/core/messages.ts', 'import { createError } from \'h3\'', imports],
  ['server/core/messages.ts', 'import { useNitroApp } from \'nitropack/runtime\'', imports],
  ['server/core/messages.ts', 'import sqlite from \'../drivers/storage/sqlite\'', imports],
  ['server/core/messages.ts', 'import { readFile } from \'node:fs/promises\'', imports],
  ['server/core/messages.ts', 'import { hub } from \'../realtime/hub\'', imports],
  ['server/core/messages.ts', 'export const config = useRuntimeConfig()', 'no-restricted-globals'],
  ['server/core/messages.ts', 'export const failure = createError(\'no\')', 'no-restricted-globals'],
  ['server/drivers/bus/memory.ts', 'import { createError } from \'h3\'', imports],
  ['server/drivers/bus/memory.ts', 'import { useChat } from \'#imports\'', imports],
  ['server/drivers/bus/memory.ts', 'export const rooms = $fetch(\'/api/rooms\')', 'no-restricted-globals'],
  ['server/drivers/storage/sqlite/index.ts', 'import { useChat } from \'../../../utils/chat\'', imports],
  ['server/realtime/hub.ts', 'import { defineHooks } from \'crossws\'', imports],
  ['server/realtime/hub.ts', 'import sqlite from \'../drivers/storage/sqlite\'', imports],
  ['server/api/rooms/index.get.ts', 'import sqlite from \'../../drivers/storage/sqlite\'', imports],
  ['pages/index.vue', 'import { createChat } from \'~/server/core/chat\'', imports],
  ['pages/index.vue', 'import type { Chat } from \'~/server/core/chat\'', imports],
  ['pages/index.vue', 'import { createChat } from \'#server/core/chat\'', imports],
  ['pages/index.vue', 'const chat = await import(\'~/server/core/chat\')', 'no-restricted-syntax'],
  ['components/message/List.vue', 'import { createChat } from \'../../server/core/chat\'', imports],
  ['stores/messages.ts', 'import { createChat } from \'../server/core/chat\'', imports],
  ['composables/useSocket.ts', 'import { createHash } from \'node:crypto\'', imports],
  ['plugins/realtime.client.ts', 'import { createChat } from \'~~/server/core/chat\'', imports],
  ['shared/types.ts', 'import { ref } from \'vue\'', imports],
  ['shared/types.ts', 'import { createHash } from \'node:crypto\'', imports],
  ['shared/types.ts', 'import { createError } from \'h3\'', imports],
  ['server/core/rooms.ts', 'export const anything: any = 1', '@typescript-eslint/no-explicit-any'],
  ['server/api/rooms/index.get.ts', 'export const line = 1\n'.repeat(41).trim(), 'max-lines']
]

const allowed: [string, string][] = [
  ['server/core/messages.ts', 'import { createHash } from \'node:crypto\'\nimport { limits } from \'#shared/limits\'\nimport { mayRead } from \'./policy\'\n\nexport default [createHash, limits, mayRead]'],
  ['server/drivers/bus/memory.ts', 'import { readFile } from \'node:fs/promises\'\nimport type { Bus } from \'../../core/ports\'\n\nexport default (bus: Bus) => [readFile, bus]'],
  ['pages/index.vue', 'import { limits } from \'#shared/limits\'\n\nconsole.info(limits)'],
  ['shared/schemas.ts', 'import { z } from \'zod\'\nimport { limits } from \'./limits\'\n\nexport default [z, limits]']
]

describe('boundaries', () => {
  it.each(refused)('%s may not say: %s', async (file, line, rule) => {
    expect(await broken(file, line)).toContain(rule)
  }, 30_000)

  it.each(allowed)('%s may say: %s', async (file, line) => {
    expect(await broken(file, line)).toEqual([])
  }, 30_000)
})
