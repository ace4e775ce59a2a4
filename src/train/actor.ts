import type { AuditDraft } from '../model/index.ts'

/** Who asks for something, and how. */
export interface Actor {
  /** The name of a person or token. */
  who: string
  via: AuditDraft['via']
}
