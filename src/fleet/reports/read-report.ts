import {
  type HostReport,
  isDigest,
  isHostId,
  isTimestamp,
  type NamedRelease,
  type ReportKind,
  reportKinds,
  YardError,
} from '../../model/index.ts'

/** The most bytes that a report may have, in its envelope. */
export const maximumReportBytes = 4096

/** Characters of one text of a report; of the sentence that says why. */
const [mostOfText, mostOfSentence] = [128, 500]
const mostFacts = 32

/**
 * A report as its host signed it; every text of it bounded and without control characters, because people will read it. What it has
 * beside its fields is dropped.
 * @throws YardError `invalid`, naming the field.
 */
export function readReport(value: unknown): HostReport {
  const fields = objectOf(value, 'the report')
  if (fields.version !== 1) throw invalid('version', 'this yard reads version 1')
  return {
    version: 1,
    host: checked(fields.host, 'host', isHostId, 'is not the id of a host'),
    attempt: textOf(fields.attempt, 'attempt'),
    counter: numberOf(fields.counter, 'counter', 1),
    kind: checked(fields.kind, 'kind', isReportKind, `is none of ${reportKinds.join(', ')}`),
    at: checked(fields.at, 'at', isTimestamp, 'is not a timestamp'),
    boot: textOf(fields.boot, 'boot'),
    machine: checked(fields.machine, 'machine', isDigest, 'is not a SHA-256'),
    ...(fields.release === undefined ? {} : { release: releaseOf(fields.release) }),
    ...(fields.departures === undefined ? {} : { departures: numberOf(fields.departures, 'departures', 0) }),
    ...(fields.halt === undefined ? {} : { halt: numberOf(fields.halt, 'halt', 0) }),
    ...(fields.reason === undefined ? {} : { reason: reasonOf(fields.reason) }),
    ...(fields.facts === undefined ? {} : { facts: factsOf(fields.facts) }),
  }
}

function releaseOf(value: unknown): NamedRelease {
  const { release, digest } = objectOf(value, 'release')
  return {
    release: checked(release, 'release.release', isTimestamp, 'is not a timestamp'),
    digest: checked(digest, 'release.digest', isDigest, 'is not a SHA-256'),
  }
}

function reasonOf(value: unknown): { word: string; sentence: string } {
  const { word, sentence } = objectOf(value, 'reason')
  return {
    word: textOf(word, 'reason.word'),
    sentence: textOf(sentence, 'reason.sentence', mostOfSentence),
  }
}

function factsOf(value: unknown): { [fact: string]: string } {
  const facts = Object.entries(objectOf(value, 'facts'))
  if (facts.length > mostFacts) throw invalid('facts', `are ${facts.length}, more than ${mostFacts}`)
  return Object.fromEntries(facts.map(([fact, said]) => [textOf(fact, 'facts'), textOf(said, 'facts')]))
}

function objectOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw invalid(field, 'is not an object')
}

function textOf(value: unknown, field: string, most = mostOfText): string {
  if (typeof value !== 'string') throw invalid(field, 'is not a text')
  if (value.length > most) throw invalid(field, `has more than ${most} characters`)
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) throw invalid(field, 'has control characters')
  return value
}

function numberOf(value: unknown, field: string, least: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  throw invalid(field, `is not a whole number from ${least} on`)
}

function checked<T extends string>(
  value: unknown,
  field: string,
  fits: (text: string) => text is T,
  why: string,
): T {
  if (typeof value === 'string' && fits(value)) return value
  throw invalid(field, why)
}

function isReportKind(text: string): text is ReportKind {
  return (reportKinds as readonly string[]).includes(text)
}

function invalid(field: string, why: string): YardError {
  return new YardError('invalid', `a host's report cannot be read: ${field} ${why}; nothing was changed`)
}
