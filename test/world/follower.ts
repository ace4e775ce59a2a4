import type { Name } from '../../src/model/index.ts'
import { type Advance, advance, type Source, type Trusted } from '../../src/trust/pure.ts'
import type { RunningServer } from './running-server.ts'

/** A host as far as it reads statements: it remembers all that it ever believed. */
export interface Follower {
  /** Goes as far as the server's statements of a channel can be verified. */
  follow(channel: string): Promise<Advance>
}

/** Trusts the first root from the beginning, as a host that enrolled then. */
export async function followerOf(server: RunningServer): Promise<Follower> {
  const source: Source = {
    async fetch(path) {
      const { status, body } = await server.get(`/departures/${path}`)
      if (status !== 200 && status !== 404) throw new Error(`${path}: ${status}`)
      return status === 200 ? body : undefined
    },
  }
  const root = await source.fetch('metadata/1.root.json', 0)
  let trusted: Trusted = { metadata: new Map([['root', root!]]) }
  return {
    async follow(name) {
      const [train, channel] = name.split('/') as [Name, Name]
      const clock = { now: Date.now(), synchronised: true }
      const advanced = await advance(trusted, source, { train, channel, clock })
      trusted = advanced.trusted
      return advanced
    },
  }
}
