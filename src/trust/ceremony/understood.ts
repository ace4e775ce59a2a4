import { canonicalJson, type Departures, type Json, type NamedRelease, YardError } from '../../model/index.ts'
import type {
  Delegations,
  KeyIds,
  ListedKey,
  RootSigned,
  Signed,
  TargetsSigned,
} from '../departures/metadata.ts'
import { haltField } from '../statements/layout.ts'

/**
 * What people sign must be wholly what they are told, so whatever has a field beside those that words.ts speaks of is not
 * signed: each function answers the same value made of known fields alone, and the two must be equal.
 * @throws YardError `untrusted`.
 */
export function understoodRoot(signed: Signed, object: string): RootSigned {
  return understood(object, signed, () => {
    const { version, expires, spec_version, keys, roles, [haltField]: halt } = signed as RootSigned
    const { root, targets, snapshot, timestamp } = roles
    return {
      _type: 'root',
      spec_version: text(spec_version),
      version: whole(version),
      expires: text(expires),
      consistent_snapshot: true,
      keys: listed(keys),
      roles: { root: who(root), targets: who(targets), snapshot: who(snapshot), timestamp: who(timestamp) },
      [haltField]: who(halt),
    }
  })
}

/** @throws YardError `untrusted`. */
export function understoodTargets(signed: Signed, object: string): TargetsSigned {
  return understood(object, signed, () => {
    const { version, expires, spec_version, targets, delegations } = signed as TargetsSigned
    const named = Object.entries(targets).map(([path, { length, hashes }]) => [
      path,
      { length: whole(length), hashes: { sha256: text(hashes.sha256) } },
    ])
    return {
      _type: 'targets',
      spec_version: text(spec_version),
      version: whole(version),
      expires: text(expires),
      targets: Object.fromEntries(named),
      ...(delegations === undefined ? {} : { delegations: delegated(delegations) }),
    }
  })
}

/** @throws YardError `untrusted`. */
export function understoodDepartures(json: string, object: string): Departures {
  return understood(object, parsed(json), signed => {
    const { train, channel, release, floor, fallbacks, lifted, moved } = signed as Departures
    return {
      version: 1,
      train: text(train),
      channel: text(channel),
      release: named(release),
      floor: text(floor),
      fallbacks: fallbacks.map(named),
      lifted: whole(lifted),
      moved: text(moved),
    }
  })
}

function understood<T>(object: string, given: unknown, rebuild: (given: unknown) => object): T {
  try {
    const same = canonicalJson(rebuild(given) as Json) === canonicalJson(given as Json)
    if (same) return given as T
  } catch {
    // As below.
  }
  throw new YardError(
    'untrusted',
    `${object} says more than can be shown, or is malformed; nothing was signed`,
    {
      hint: 'sign it with a newer Switchyard only, or ask who made the request what it is meant to be',
    },
  )
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function delegated({ keys, roles }: Delegations): Json {
  return {
    keys: listed(keys),
    roles: roles.map(({ name, paths, keyids, threshold }) => ({
      name: text(name),
      paths: paths.map(text),
      terminating: true,
      ...who({ keyids, threshold }),
    })),
  }
}

function listed(keys: { [keyid: string]: ListedKey }): { [keyid: string]: Json } {
  return Object.fromEntries(
    Object.entries(keys).map(([keyid, { keyval, 'x-switchyard-owner': owner }]) => [
      keyid,
      {
        keytype: 'ed25519',
        scheme: 'ed25519',
        keyval: { public: text(keyval.public) },
        ...(owner === undefined ? {} : { 'x-switchyard-owner': text(owner) }),
      },
    ]),
  )
}

function who({ keyids, threshold }: KeyIds): { keyids: string[]; threshold: number } {
  return { keyids: keyids.map(text), threshold: whole(threshold) }
}

function named({ release, digest }: NamedRelease): Json {
  return { release: text(release), digest: text(digest) }
}

/** Printable: what is signed must not look like something else. */
function text(value: string): string {
  if (typeof value === 'string' && value.length <= 1000 && !/[^\x20-\x7e]/.test(value)) return value
  throw new TypeError('not a text')
}

function whole(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError('not a whole number')
}
