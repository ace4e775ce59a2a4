import type { ChannelConfiguration, GateShape, TrainConfiguration } from '../../config/index.ts'
import type { ChannelRecord, Json, Name, ReleaseRecord, SnapshotRecord } from '../../model/index.ts'
import type { TrainContext } from '../context.ts'

/** A check that a release must pass to enter a channel. A new one is one file here and one line in `index.ts`. */
export interface Gate<T = unknown> extends GateShape<T> {
  name: string
  /**
   * Judges a release; a pure part decides, this part only brings what it needs. What it throws is a verdict too: the gate
   * did not pass, and the message says why.
   */
  judge(subject: GateSubject, options: T): Promise<Judgement>
  /** How long it may take, in seconds. Default: 600. */
  limitSeconds?(options: T): number
  /**
   * For how many seconds a verdict that passed counts again, for the same release, the same options and the same release that the
   * channel is at. 0: what it rests on may change at any moment. Default: for ever.
   */
  countsForSeconds?(options: T): number
}

/** What is judged, and what a gate may use to do so. */
export interface GateSubject {
  context: TrainContext
  train: TrainConfiguration
  channel: ChannelConfiguration
  release: ReleaseRecord
  /** Its snapshots, by the repositories of the train. */
  snapshots: Map<Name, SnapshotRecord>
  /** What the channel serves now; undefined: it has never been moved. */
  current:
    | { channel: ChannelRecord; release: ReleaseRecord; snapshots: Map<Name, SnapshotRecord> }
    | undefined
  /** Base URL at which a client of this machine reaches a repository of a release, without a final slash. */
  urlOf(release: ReleaseRecord, repository: Name): Promise<string>
  /** One line for the log that is kept as evidence. */
  log(line: string): void
  /** Fires when the gate's time is over, or nobody waits for it any more. */
  signal: AbortSignal
}

export interface Judgement {
  passed: boolean
  /** One sentence: `12 packages cannot be installed`. */
  summary: string
  /** What was found, one line each; the first ones are shown, all of them are kept. */
  findings: string[]
  /** What would make it pass, as one sentence; of one that passed undefined. */
  remedy?: string
  /** What the verdict rests on, beside the release and the gate's options. */
  inputs?: Json
}
