import type { SigningKey } from '../workloads/signing-key.ts'
import type { Findings } from './findings.ts'
import type { Nginx } from './serve.ts'
import type { Settings } from './settings.ts'

/** What every claim is measured with. */
export interface Bench {
  settings: Settings
  key: SigningKey
  nginx: Nginx
}

/** One thing that we say of our speed, and how it is looked at. */
export interface Claim {
  name: string
  title: string
  measure(bench: Bench): Promise<Findings>
}
