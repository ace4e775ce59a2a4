import { readFile } from 'node:fs/promises'
import type { SecretSource } from '../../config/index.ts'
import { messageOf, YardError } from '../../model/index.ts'

/**
 * Reads a secret once. One line break at the end of a file is not part of it.
 * @throws YardError `configuration` naming file or variable, never the value, when there is none.
 */
export async function readSecret(
  source: SecretSource,
  environment: NodeJS.ProcessEnv,
  what: string,
): Promise<string> {
  const secret = await readSource(source, environment, what)
  if (secret === '') throw new YardError('configuration', `${what}: ${nameOf(source)} is empty`)
  return secret
}

/** Replaces every secret in a text by `***`; a second line of defence, since messages are not built from secrets. */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.flatMap(formsOf))].filter(form => form.length > 2)
  known.sort((a, b) => b.length - a.length)
  return text => known.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, '***'), text)
}

async function readSource(
  source: SecretSource,
  environment: NodeJS.ProcessEnv,
  what: string,
): Promise<string> {
  if (source.kind === 'plain') return source.value
  if (source.kind === 'environment') return environment[source.variable] ?? ''
  try {
    return (await readFile(source.path, 'utf8')).replace(/\r?\n$/, '')
  } catch (error) {
    throw new YardError('configuration', `${what}: cannot read it from a file: ${messageOf(error)}`)
  }
}

function nameOf(source: SecretSource): string {
  if (source.kind === 'file') return source.path
  return source.kind === 'environment' ? `the environment variable ${source.variable}` : 'the value'
}

function formsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]
}
