import type { Credentials } from '../../credentials'
import { createClient } from './client'
import { checkThere, checkWhole } from './history'
import { createPeopleReads } from './people'

/**
 * Finds accounts in a project's Firestore, beside servers that may run.
 * @throws ChatError conflict where there is no Chatly, or not one that is whole and of this version
 */
export default async function openFirestoreCredentials({ projectId }: { projectId: string }): Promise<Credentials> {
  const client = await createClient({ projectId, onTrouble: error => console.error(error.message) })
  try {
    const history = (await client.call(() => client.at.history.get())).data() ?? null
    checkThere(history, projectId)
    checkWhole(history)
    return { credential: createPeopleReads(client).credential, close: client.close }
  } catch (error) {
    await client.close()
    throw error
  }
}
