import type { Transaction } from 'firebase-admin/firestore'
import type { Audit } from '../../../core/ports'
import { type Client, readOne } from './client'
import { type SiteDoc, emptySite } from './layout'

/** What has to be agreed upon by changes to different accounts; read first, written with the change, so that these come one after the other. */
export async function readSite({ at }: Client, tx: Transaction): Promise<SiteDoc> {
  return await readOne(tx, at.site) ?? { ...emptySite }
}

/** Writes down what was done for the site. Writes the site's document, so that no two of these changes pass each other. */
export function auditSite({ at }: Client, tx: Transaction, site: SiteDoc, { action, by, at: when, target, detail }: Audit & { by: string, at: number }): void {
  const n = site.audits + 1
  tx.set(at.site, { ...site, audits: n, changes: site.changes + 1 })
  tx.create(at.audit(null, n), { n, at: when, action, by, target, detail })
}
