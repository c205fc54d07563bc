import { randomBytes } from 'node:crypto'
import { defineEventHandler, getQuery, getRequestHeader, getRouterParams, removeResponseHeader, setResponseHeaders, setResponseStatus, type H3Event } from 'h3'
import { z } from 'zod'
import { ChatError, type ErrorBody } from '#shared/errors'
import { explain } from '#shared/explain'
import type { Chat, Identity, Viewer } from '../core/chat'
import { useChat } from './chat'
import type { Config } from './config'
import { linger } from './linger'
import { errorForLog, pathForLog } from './log'
import { dropSession, putSession, sessionToken } from './cookies'
import { addressKey, askerOf, clientAddress, fromLoopback, isOurs, originAllowed, readJson, standsAlone } from './request'

/** What every door gets. Nothing in it comes from the caller's claims: `viewer` is what the session in storage says. */
export interface Door {
  event: H3Event
  chat: Chat
  config: Config
  viewer: Viewer
  /** The signed-in person. @throws ChatError unauthenticated */
  identity: () => Identity
  /** The JSON body, parsed. @throws ChatError, or ZodError, which becomes `invalid` */
  body: <T extends z.ZodType>(schema: T) => Promise<z.output<T>>
  query: <T extends z.ZodType>(schema: T) => z.output<T>
  /** A part of the path. What does not fit the schema is not there. @throws ChatError not_found */
  param: <T extends z.ZodType<unknown, string>>(name: string, schema: T) => z.output<T>
  /** Whom limits count: the client's address, or its network. */
  address: string
  agent: string
  /** A person on this machine, past no proxy, where none is said to stand in front. */
  loopback: boolean
  /** Puts the session in the browser: until it closes, or for 30 days. */
  signIn: (token: string, remember: boolean) => void
  signOut: () => void
  /** The answer that sends a browser on. @returns what the door has to return */
  redirect: (to: string) => string
}

/**
 * Wraps a door: loads the chat and the viewer, refuses foreign origins, and turns every error into `{ code, message, retryAfter? }` with its status.
 * A result of undefined is an empty 204.
 */
export function defineChatHandler<T>(handle: (door: Door) => Promise<T> | T) {
  return defineEventHandler(async (event) => {
    setResponseHeaders(event, { 'cache-control': 'private, no-store', 'vary': 'cookie' })
    try {
      const answer = await handle(await openDoor(event))
      if (answer === undefined) setResponseStatus(event, 204)
      return answer ?? null
    } catch (error) {
      return refuse(event, error)
    }
  })
}

async function openDoor(event: H3Event): Promise<Door> {
  const { chat, config } = await useChat()
  const request = event.node.req
  if (event.method !== 'GET' && event.method !== 'HEAD' && !isOurs(request) && !originAllowed(request, config.origins)) throw new ChatError('forbidden', 'That request came from another site.')
  const viewer = await chat.accounts.identify(sessionToken(event))
  return {
    event, chat, config, viewer,
    identity: () => {
      if (!viewer) throw new ChatError('unauthenticated', 'Sign in first.')
      return viewer
    },
    body: async schema => schema.parse(await readJson(request)),
    query: schema => schema.parse(getQuery(event)),
    param: (name, schema) => parsePart(getRouterParams(event)[name], schema),
    address: addressKey(clientAddress(askerOf(request), config.trustedProxies)),
    agent: (getRequestHeader(event, 'user-agent') ?? '').slice(0, 256),
    loopback: standsAlone(config) && fromLoopback(request),
    signIn: (token, remember) => putSession(event, token, remember),
    signOut: () => dropSession(event),
    redirect: (to) => {
      setResponseStatus(event, 302)
      setResponseHeaders(event, { location: to })
      return ''
    }
  }
}

function parsePart<T extends z.ZodType<unknown, string>>(raw: string | undefined, schema: T): z.output<T> {
  try {
    return schema.parse(decodeURIComponent(raw ?? ''))
  } catch {
    throw new ChatError('not_found', 'There is nothing here.')
  }
}

/** The answer to a request that failed. */
async function refuse(event: H3Event, error: unknown): Promise<ErrorBody> {
  const known = error instanceof ChatError ? error : error instanceof z.ZodError ? explain(error) : null
  const body = known?.toJSON() ?? unexpected(event, error)
  setResponseStatus(event, known?.status ?? 500)
  removeResponseHeader(event, 'set-cookie')
  if (known?.retryAfter !== undefined) setResponseHeaders(event, { 'retry-after': Math.max(1, Math.ceil(known.retryAfter / 1000)) })
  // A body that we did not read to its end must not be taken for the next request.
  if (event.node.req.complete === false) setResponseHeaders(event, { connection: 'close' })
  if (known?.retryAfter !== undefined) await linger()
  return body
}

/** What we did not expect is logged, once, with an id that the person can tell us; they hear nothing else of it. */
function unexpected(event: H3Event, error: unknown): ErrorBody {
  const id = randomBytes(4).toString('hex')
  console.error(`[${id}] ${event.method} ${pathForLog(event.path)}: ${errorForLog(error)}`)
  return { code: 'unavailable', message: `Something went wrong on our side (${id}). Try again.` }
}
