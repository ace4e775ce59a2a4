import type { ByteString } from '../../model/index.ts'
import { formatRpmDependency } from './dependencies.ts'
import type { RichDependency } from './rich-dependencies.ts'

/** As rpm prints one: single blanks, parentheses around the whole. */
export function formatRichDependency(tree: RichDependency): ByteString {
  return tree.operator === 'name' ? `(${format(tree)})` : format(tree)
}

function format(tree: RichDependency): ByteString {
  switch (tree.operator) {
    case 'name':
      return formatRpmDependency(tree.dependency)
    case 'if':
    case 'unless': {
      const otherwise = tree.otherwise === undefined ? '' : ` else ${format(tree.otherwise)}`
      return `(${format(tree.subject)} ${tree.operator} ${format(tree.condition)}${otherwise})`
    }
    default:
      return `(${tree.operands.map(format).join(` ${tree.operator} `)})`
  }
}
