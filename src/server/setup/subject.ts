import type { FastifyRequest } from 'fastify'
import { isName, isTimestamp, type Name, type SnapshotRecord, YardError } from '../../model/index.ts'
import type { Content } from '../../repository/index.ts'
import { baseUrl } from './base-url.ts'
import {
  type Place,
  placeOf,
  placeOfTrain,
  type RepositoryPlace,
  type SetupView,
  type TrainView,
} from './place.ts'

/** One repository as some view serves it. */
export interface SetupSubject {
  repository: Name
  view: SetupView
  record: SnapshotRecord
  place: RepositoryPlace
  /** Path of the tree that the view stands for at this moment and that never changes. */
  fixed: string
  /** The view moves, and its Release files are as upstream signed them. */
  unsealed: boolean
}

/** What one setup file is made from: one repository, or those that travel together. */
export interface Setup {
  place: Place
  subjects: SetupSubject[]
  base: string
}

export type SetupParameters = {
  repository?: string
  view?: string
  train?: string
  channel?: string
  release?: string
}

type Request = FastifyRequest<{ Params: SetupParameters }>

/** `/setup/REPO[/SNAPSHOT]/`. @throws YardError `not-found`. */
export async function repositorySetup(
  content: Content,
  request: Request,
  publicUrl: string | undefined,
): Promise<Setup> {
  const { repository = '', view: at = 'latest' } = request.params
  const view: SetupView | undefined =
    at === 'latest' ? { kind: 'latest' } : isTimestamp(at) ? { kind: 'snapshot', timestamp: at } : undefined
  const record = view && isName(repository) ? await content.record(repository, view) : undefined
  if (record === undefined || view === undefined)
    throw new YardError('not-found', `there is no snapshot ${repository}@${at}`, {
      hint: 'the names and timestamps of all are at /api/v1/snapshots',
    })
  const name = record.repository
  const place = placeOf(name, view)
  const fixed = placeOf(name, { kind: 'snapshot', timestamp: record.timestamp }).tree
  const subject = { repository: name, view, record, place, fixed, unsealed: false }
  return { place, subjects: [subject], base: baseUrl(publicUrl, request.headers.host) }
}

/** `/channels/TRAIN/CHANNEL/setup[/REPO]/`, and the same of a release. @throws YardError `not-found`. */
export async function trainSetup(
  content: Content,
  request: Request,
  publicUrl: string | undefined,
): Promise<Setup> {
  const { train = '', channel = '', release = '', repository } = request.params
  const departure = isName(train)
    ? isName(channel)
      ? await ofChannel(content, train, channel)
      : isTimestamp(release)
        ? await ofRelease(content, { kind: 'release', train, timestamp: release })
        : undefined
    : undefined
  if (departure === undefined)
    throw new YardError(
      'not-found',
      channel === ''
        ? `there is no release ${train}@${release}`
        : `nothing was promoted to ${train}/${channel} yet`,
    )
  const { view, subjects } = departure
  const base = baseUrl(publicUrl, request.headers.host)
  if (repository === undefined) return { place: placeOfTrain(view), subjects, base }
  const subject = subjects.find(one => one.repository === repository)
  if (subject !== undefined) return { place: subject.place, subjects: [subject], base }
  throw new YardError('not-found', `${repository} does not travel with ${placeOfTrain(view).title}`, {
    hint: `these do: ${subjects.map(one => one.repository).join(', ')}`,
  })
}

interface Departure {
  view: TrainView
  subjects: SetupSubject[]
}

async function ofChannel(content: Content, train: Name, channel: Name): Promise<Departure | undefined> {
  const at = await content.channel(train, channel)
  if (at === undefined) return undefined
  const view = { kind: 'channel', train, channel } as const
  const isSealed = (name: Name) => Object.keys(at.repositories[name]!.sealed).length > 0
  const names = Object.keys(at.repositories) as Name[]
  return { view, subjects: await subjectsOf(content, view, at.release, names, isSealed) }
}

async function ofRelease(
  content: Content,
  view: TrainView & { kind: 'release' },
): Promise<Departure | undefined> {
  const release = await content.release(view.train, view.timestamp)
  if (release === undefined) return undefined
  const names = Object.keys(release.signed.record.snapshots) as Name[]
  return { view, subjects: await subjectsOf(content, view, view.timestamp, names, () => true) }
}

async function subjectsOf(
  content: Content,
  view: TrainView,
  timestamp: (TrainView & { kind: 'release' })['timestamp'],
  names: Name[],
  isSealed: (name: Name) => boolean,
): Promise<SetupSubject[]> {
  const { train } = view
  const found = await Promise.all(
    names.sort().map(async (repository): Promise<SetupSubject[]> => {
      const record = await content.record(repository, view)
      if (record === undefined) return []
      const place = placeOf(repository, view)
      const fixed = placeOf(repository, { kind: 'release', train, timestamp }).tree
      const unsealed = record.format === 'apt' && !isSealed(repository)
      return [{ repository, view, record, place, fixed, unsealed }]
    }),
  )
  return found.flat()
}
