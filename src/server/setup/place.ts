import type { Name } from '../../model/index.ts'
import type { ContentView } from '../../repository/index.ts'

/** What a client can be pointed at. */
export type SetupView = Exclude<ContentView, { kind: 'by-time' }>

/** What a release or a channel is, all its repositories together. */
export type TrainView = Extract<SetupView, { train: Name }>

/** Where a client finds something: paths below the server's base URL, with a final slash. */
export interface Place {
  /** For people: `debian, always the newest snapshot`. */
  title: string
  /** Of its setup files. */
  setup: string
  /** For names of files and sections on a client. */
  label: string
}

/** One repository as a view serves it. */
export interface RepositoryPlace extends Place {
  /** Of its tree. */
  tree: string
  /** What is served there never changes. */
  dated: boolean
}

export function placeOf(repository: Name, view: SetupView): RepositoryPlace {
  switch (view.kind) {
    case 'latest':
      return {
        title: `${repository}, always the newest snapshot`,
        setup: `/setup/${repository}/`,
        label: repository,
        tree: `/content/${repository}/latest/`,
        dated: false,
      }
    case 'snapshot':
      return {
        title: `${repository} as it was at ${view.timestamp}`,
        setup: `/setup/${repository}/${view.timestamp}/`,
        label: `${repository}-${view.timestamp}`,
        tree: `/content/${repository}/${view.timestamp}/`,
        dated: true,
      }
    default: {
      const { title, setup, label } = placeOfTrain(view)
      return {
        title: `${repository} of ${title}`,
        setup: `${setup}${repository}/`,
        label: `${label}-${repository}`,
        tree: `${rootOf(view)}${repository}/`,
        dated: view.kind === 'release',
      }
    }
  }
}

/** All repositories of a release or a channel together. */
export function placeOfTrain(view: TrainView): Place {
  const { train } = view
  const at = view.kind === 'channel' ? view.channel : view.timestamp
  return {
    title: view.kind === 'channel' ? `${train}/${at}` : `${train}@${at}`,
    setup: `${rootOf(view)}setup/`,
    label: `${train}-${at}`,
  }
}

function rootOf(view: TrainView): string {
  return view.kind === 'channel'
    ? `/channels/${view.train}/${view.channel}/`
    : `/releases/${view.train}/${view.timestamp}/`
}
