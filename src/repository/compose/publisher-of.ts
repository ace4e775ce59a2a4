import { aptPublisher } from './apt/publisher.ts'
import { dnfPublisher } from './dnf/publisher.ts'
import type { OwnRepository, Publisher } from './publisher.ts'

/** The publisher of a repository's format. */
export function publisherOf(repository: OwnRepository): Publisher {
  const { output } = repository
  return output.format === 'apt' ? aptPublisher(repository, output) : dnfPublisher(repository, output)
}
