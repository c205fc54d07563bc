import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { explain } from '#shared/explain'
import { clientFrame, createRoomBody, memberBody, messageText } from '#shared/schemas'

const of = (schema: z.ZodType, value: unknown, whole?: string) => {
  const { error } = schema.safeParse(value)
  return explain(error ?? expect.fail('it is right'), whole).toJSON()
}

describe('what is wrong with what came in', () => {
  it.each([
    ['a part that is missing', createRoomBody, {}, undefined, { code: 'invalid', message: 'name is missing or of the wrong type.' }],
    ['all of it', createRoomBody, null, undefined, { code: 'invalid', message: 'The body is missing or of the wrong type.' }],
    ['all of a frame', clientFrame, null, 'The frame', { code: 'invalid', message: 'The frame is missing or of the wrong type.' }],
    ['a type that is none', clientFrame, { type: 'shout' }, 'The frame', { code: 'invalid', message: 'The frame is of no kind that is known here.' }],
    ['none of several', memberBody, {}, undefined, { code: 'invalid', message: 'The body is of no kind that is known here.' }],
    ['the schema\'s own words', createRoomBody, { name: ' ' }, undefined, { code: 'invalid', message: 'The room\'s name is empty.' }],
    ['too much', messageText, 'x'.repeat(5_000), undefined, { code: 'too_large', message: expect.stringMatching(/^The message is longer than/) as string }]
  ])('%s', (_, schema, value, whole, expected) => {
    expect(of(schema, value, whole)).toEqual(expected)
  })
})
