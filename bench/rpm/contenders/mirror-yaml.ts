import type { SigningKey } from '../../workloads/signing-key.ts'

/** Two-space YAML of a mirror of the signed repository at `url`. */
export function mirrorYaml(
  name: string,
  url: string,
  key: SigningKey,
  policy: 'immediate' | 'on-demand',
): string {
  return `  ${name}:
    upstream:
      format: dnf
      url: ${url}
      verify: metadata
      keyring: ${key.publicFile}
    policy: ${policy}
`
}
