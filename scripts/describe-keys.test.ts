import { expect, it } from 'vitest'
import type { JsonSchema } from '../src/config/index.ts'
import { describeKeys } from './describe-keys.ts'

const text = (description: string): JsonSchema => ({ type: 'string', title: 'text', description })
const object = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
})
const head = '| key | value | meaning |\n|---|---|---|'

it('gives every object a table, with what is required and what a bar would break', () => {
  const schema = object(
    { a: text('One | two.'), b: { ...object({ c: text('See.') }), description: 'Map.' } },
    ['a'],
  )
  expect(describeKeys(schema)).toBe(`### The file

${head}
| \`a\` (required) | text | One \\| two. |
| \`b\` | map | Map. |

### \`b\`

${head}
| \`c\` | text | See. |`)
})

it('tells what several kinds of an object share once, behind what each has alone', () => {
  const kind = (name: string, more: Record<string, JsonSchema>) =>
    object({ kind: { const: name, description: `A ${name}.` }, ...more, size: text('Large.') }, ['kind'])
  const fruit = { oneOf: [kind('apple', { core: text('Hard.') }), kind('pear', {})], description: 'Which.' }
  expect(describeKeys(object({ fruit }))).toBe(`### The file

${head}
| \`fruit\` | map with \`kind: apple\` or \`kind: pear\` | Which. |

### \`fruit\` with \`kind: apple\`

${head}
| \`kind\` (required) | \`apple\` | A apple. |
| \`core\` | text | Hard. |

### \`fruit\` with \`kind: pear\`

${head}
| \`kind\` (required) | \`pear\` | A pear. |

### \`fruit\` of any kind

${head}
| \`size\` | text | Large. |`)
})

it('tells the long form of a value, and lists of the same objects once', () => {
  const item = { anyOf: [{ type: 'string', title: 'a word' }, object({ c: text('See.') })] }
  const list = { type: 'array', items: item }
  expect(
    describeKeys(
      object({
        a: { ...item, description: 'A.' },
        b: { ...list, description: 'B.' },
        d: { ...list, description: 'D.' },
      }),
    ),
  ).toBe(`### The file

${head}
| \`a\` | a word, or map | A. |
| \`b\` | list: a word, or map | B. |
| \`d\` | list: a word, or map | D. |

### \`a\`, as a map; \`b\`, each that is a map; \`d\`, each that is a map

${head}
| \`c\` | text | See. |`)
})
