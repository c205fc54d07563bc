/** One mail to one person, plain text. */
export interface Mail { to: string, subject: string, text: string }

/** A way to send mail. */
export interface Mailer {
  /**
   * Has it written (null: there is nothing to say) and sent after this returned: nobody's answer waits for it, or tells by its time what came of it.
   * What fails for good is one line in the log, without the address and the text.
   */
  post: (write: () => Promise<Mail | null>) => void
  /** Waits a short while for what is under way, then lets go. */
  close: () => Promise<void>
}

/** Mail that leads back to us; `origin` is where we are reached. */
export interface Post { mailer: Mailer, origin: string }

export const resetMail = (to: string, link: string): Mail => ({
  to, subject: 'Set a new password',
  text: `Somebody, probably you, asked for a new password for your account here. To choose one, open this link within 30 minutes:

${link}

It works once, and signs you out everywhere. If you did not ask, you need do nothing: your password stays as it is.
`
})

export const verificationMail = (to: string, link: string): Mail => ({
  to, subject: 'Is this your e-mail address?',
  text: `An account here was made with this e-mail address. To say that both are yours, open this link within 24 hours and sign in to that account:

${link}

If you made no account, you need do nothing. Please do not open the link then.
`
})
