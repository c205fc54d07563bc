import { personName } from '#shared/schemas'

/** What somebody is called here who came with an account of elsewhere: as there, else as in their address. */
export const nameOf = (name: string | null, email: string | null): string =>
  personName.safeParse(name).data ?? personName.safeParse(email?.split('@')[0]).data ?? 'New here'
