import { isYardError, type Name } from '../model/index.ts'
import type { Configuration, RepositoryConfiguration } from './configuration.ts'
import { readConfiguration } from './read-configuration.ts'

export const file = '/etc/yard/switchyard.yaml'
/** The configuration that a file of this text gives. */
export const read = (text: string): Configuration => readConfiguration(file, text)

/** One repository of it. */
export function repositoryOf(text: string, name: string): RepositoryConfiguration {
  return read(text).repositories.get(name as Name)!
}

/** A file with one mirror, whose `upstream` is a correct one but for the given lines. */
export function mirrorFile(changes: Record<string, string | undefined> = {}): string {
  const keys = {
    format: 'apt',
    url: 'https://mirror.example.org/debian',
    suite: 'bookworm',
    components: '[main]',
    architectures: '[amd64]',
    keyring: 'keys/debian.gpg',
    ...changes,
  }
  const lines = Object.entries(keys).filter(([, value]) => value !== undefined)
  return `repositories:\n  debian:\n    upstream:\n${lines.map(([key, value]) => `      ${key}: ${value}\n`).join('')}`
}

/** The same mirror, and `base` composed as it is said. */
export function composeFile(compose: string, more = ''): string {
  return `${mirrorFile()}  base:\n    compose: ${compose}\n${more}`
}

/** What is said of a wrong file, without the file's name. */
export function messageFor(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (isYardError(error, 'configuration')) return error.message.replaceAll(`${file}:`, '')
    throw error
  }
  throw new Error('the file was accepted')
}
