import { type Digest, digestOf, isHostId, isName, type Timestamp, YardError } from '../model/index.ts'
import type { EnrolmentAnswer, EnrolmentFile } from '../trust/pure.ts'
import { checkPlaces } from './settings.ts'

/** Who this host is, and what it was told when it enrolled: all that it must not lose but its key. */
export interface Identity extends EnrolmentAnswer {
  server: string
  /** The root that it began with; what was verified since is kept apart. */
  root: EnrolmentFile['root']
  /** `machineDigest` when it enrolled: another one now is a clone's. */
  machine: Digest
  enrolled: Timestamp
  /** Of the certificate, in milliseconds since the epoch. */
  validity: { from: number; to: number }
}

/** Of an enrolment file, and of what is kept of one. */
export const maximumIdentityBytes = 1024 * 1024

/** @throws YardError `configuration` when the text is not what `switchyard host token create` prints. */
export function parseEnrolmentFile(text: string): EnrolmentFile {
  const wrong = (why: string) =>
    new YardError('configuration', `the enrolment file cannot be used: ${why}; nothing was changed`, {
      hint: 'it is what `switchyard host token create` prints, whole and unchanged',
    })
  const file = parseObject<EnrolmentFile>(text)
  if (file === undefined) throw wrong('it is not a JSON object')
  if (file.version !== 1) throw wrong('it is of another version than this program')
  if (typeof file.server !== 'string' || !isOrigin(file.server)) throw wrong('its server is no https: URL')
  if (typeof file.ca !== 'string' || !file.ca.includes('-----BEGIN CERTIFICATE-----'))
    throw wrong('it has no certificate of the yard')
  if (typeof file.token !== 'string' || file.token === '') throw wrong('it has no token')
  if (typeof file.root?.metadata !== 'string') throw wrong('it has no root of trust')
  if (digestOf(Buffer.from(file.root.metadata, 'base64')) !== file.root.sha256)
    throw wrong('its root of trust has another digest than it says: it was changed on its way')
  return { ...file, places: checkPlaces(file.places, wrong) }
}

/** What a yard answers to an enrolment or a renewal. @throws YardError `invalid`. */
export function parseEnrolmentAnswer(text: string, server: string): EnrolmentAnswer {
  const wrong = (why: string) =>
    new YardError('invalid', `${server} answered something that is no enrolment: ${why}; nothing was changed`)
  const answer = parseObject<EnrolmentAnswer>(text)
  if (answer?.version !== 1) throw wrong('it is not of version 1')
  const { host, certificate, ca, train, channel, places } = answer
  if (typeof host !== 'string' || !isHostId(host)) throw wrong('it has no id')
  if (typeof train !== 'string' || !isName(train) || typeof channel !== 'string' || !isName(channel))
    throw wrong('it has no channel')
  if (typeof certificate !== 'string' || typeof ca !== 'string') throw wrong('it has no certificate')
  return { version: 1, host, certificate, ca, train, channel, places: checkPlaces(places, wrong) }
}

/** @throws YardError `damaged` when what was kept is cut off or changed. */
export function parseIdentity(text: string, file: string): Identity {
  const identity = parseObject<Identity>(text)
  const isWhole =
    identity !== undefined &&
    typeof identity.host === 'string' &&
    isHostId(identity.host) &&
    typeof identity.server === 'string' &&
    typeof identity.machine === 'string' &&
    typeof identity.validity?.to === 'number' &&
    typeof identity.root?.metadata === 'string' &&
    Array.isArray(identity.places)
  if (isWhole) return identity
  throw new YardError('damaged', `${file} is damaged: this host no longer knows who it is`, {
    hint: 'run switchyard-agent leave, and enrol it again with a new token',
  })
}

/** A JSON object; undefined for anything else. */
export function parseObject<T extends object>(text: string): (Partial<T> & T) | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : undefined
  } catch {
    return undefined
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:'
}
