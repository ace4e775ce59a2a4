import { z } from 'zod'
import {
  byteStringOfText,
  type Digest,
  errorCodes,
  isDigest,
  isName,
  isTimestamp,
  type Name,
  type Timestamp,
  textOfByteString,
} from '../../model/index.ts'

/** Every schema that has a name in the API's description. */
export const components = z.registry<{ id: string }>()

/**
 * Gives a schema its name. `T` is what the yard answers, to which decoding leads: schemas of answers let pass what they do not
 * know, so that a field that a type gets is not lost on its way.
 */
export function component<T>(id: string, schema: z.ZodType): z.ZodType<T, T> {
  components.add(schema, { id })
  return schema as z.ZodType<T, T>
}

export const name = component<Name>(
  'Name',
  z
    .string()
    .refine((text): text is Name => isName(text), 'not a name: lower-case letters, digits, dots and dashes')
    .describe('Of a repository, train or channel: lower-case letters, digits, dots and dashes, at most 63'),
)

export const timestamp = component<Timestamp>(
  'Timestamp',
  z
    .string()
    .refine((text): text is Timestamp => isTimestamp(text), 'not a timestamp: write 20261121T064500Z')
    .describe('A second in UTC, written 20261121T064500Z'),
)

export const reference = component<string>(
  'Reference',
  z
    .string()
    .min(1)
    .max(200)
    .describe(
      'A snapshot: REPO, REPO@latest or REPO@20261121T064500Z; a release likewise, TRAIN@...; a channel: TRAIN/CHANNEL',
    ),
)

export const digest = component<Digest>(
  'Digest',
  z
    .string()
    .refine((text): text is Digest => isDigest(text), 'not a SHA-256')
    .describe('SHA-256, 64 lower-case hexadecimal digits'),
)

/** Names, versions and paths of repositories are bytes; they travel as text, and are bytes again at the other end. */
export const bytesAsText = component<string>(
  'BytesAsText',
  z
    .codec(z.string(), z.string(), { decode: byteStringOfText, encode: textOfByteString })
    .describe(
      'Bytes of a repository as UTF-8 text; where they are not UTF-8, U+FFFD stands for what cannot be shown',
    ),
)

export const count = z.int().nonnegative()
export const bytes = z.int().nonnegative().describe('bytes')

/** What somebody writes for other people to read. */
export const why = z.string().max(2000).optional().describe('The reason, for the audit log')

export const error = z.looseObject({
  code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]),
  message: z.string().describe('What failed, on which object, and why'),
  hint: z.string().optional().describe('What to do next'),
})

export const errorBody = component<{ error: z.output<typeof error> }>('Error', z.looseObject({ error }))
