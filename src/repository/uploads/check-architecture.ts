import type { UploadsConfiguration } from '../../config/index.ts'
import { type ByteString, YardError } from '../../model/index.ts'

/** @throws YardError `refused` when the repository takes neither the architecture nor is it the neutral one. */
export function checkArchitecture(
  { name, architectures }: UploadsConfiguration,
  architecture: ByteString,
  neutral: ByteString,
  object: string,
): void {
  if (architecture === neutral || architectures.includes(architecture)) return
  throw new YardError(
    'refused',
    `${object} is refused: its architecture is ${architecture}, and ${name} takes ${[...architectures, neutral].join(', ')}`,
    { hint: `add ${architecture} to the \`architectures\` of ${name}, if its clients have machines of it` },
  )
}
