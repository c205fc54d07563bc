import type { ChatError } from '#shared/errors'
import type { Answers, ClientFrame, ServerFrame, ServerFrameOf } from '#shared/protocol'
import type { Unnumbered } from '~/utils/timeline-types'

export type RequestFrame = Unnumbered<Extract<ClientFrame, { id: number }>>
export type Notice = Extract<ClientFrame, { type: 'read' | 'typing' }>

/** The line broke before the answer. `drop`: it may have been this frame's fault; never send it again as it is. */
export class LineLost extends Error {
  override readonly name = 'LineLost'

  constructor(readonly drop: boolean) {
    super('The line broke before the answer came.')
  }
}

export type LineState = 'connecting' | 'open' | 'waiting' | 'stopped'

export interface Socket {
  readonly state: LineState
  start: () => void
  stop: () => void
  /** Asks; resolves with what `ok` carries, rejects with ChatError (the server's refusal) or LineLost. */
  request: <F extends RequestFrame>(frame: F) => Promise<Answers[F['type']]>
  /** Says something that is not answered; false when there is no line. */
  tell: (frame: Notice) => boolean
  /** Calls `listen` for every frame of a type; gives the way to end it. */
  on: <T extends ServerFrame['type']>(type: T, listen: (frame: ServerFrameOf<T>) => void) => () => void
  /** Calls `listen` when the state changes. `reason`: why it is stopped for good. */
  onState: (listen: (state: LineState, reason: ChatError | null) => void) => () => void
}
