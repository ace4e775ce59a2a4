import { architecture, component, suite } from '../../workloads/sign-archive.ts'
import type { SigningKey } from '../../workloads/signing-key.ts'

/** Two-space YAML of a mirror of URL/PATH. */
export function mirrorYaml(
  name: string,
  url: string,
  key: SigningKey,
  policy: 'immediate' | 'on-demand',
): string {
  return `  ${name}:
    upstream:
      format: apt
      url: ${url}
      suite: ${suite}
      components: [${component}]
      architectures: [${architecture}]
      keyring: ${key.publicFile}
    policy: ${policy}
`
}
