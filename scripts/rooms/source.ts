import { parseAst } from 'rolldown/parseAst'

/** What one source file asks for: the modules it imports, and what it takes from the world around it. */
export interface Source {
  imports: { specifier: string; line: number }[]
  /** Uses of the clock, of randomness and of the environment. */
  ambient: { what: string; line: number }[]
}

interface AstNode {
  type: string
  start: number
  [key: string]: unknown
}

/** Reads TypeScript. `import`, `export ... from`, `import()` and `new URL(..., import.meta.url)` all count as imports. */
export function readSource(file: string, text: string): Source {
  const source: Source = { imports: [], ambient: [] }
  const lineOf = (node: AstNode): number => text.slice(0, node.start).split('\n').length
  visit(parseAst(text, { lang: 'ts' }, file) as unknown as AstNode, node => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) source.imports.push({ specifier, line: lineOf(node) })
    const what = ambientOf(node)
    if (what !== undefined) source.ambient.push({ what, line: lineOf(node) })
  })
  return source
}

function visit(node: AstNode, see: (node: AstNode) => void): void {
  see(node)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, see)
}

function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && typeof (value as AstNode).type === 'string'
}

function specifierOf(node: AstNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node.source)
    case 'NewExpression':
      return named(node.callee, 'URL') && memberName(at(node.arguments, 1)) === 'url'
        ? literal(at(node.arguments, 0))
        : undefined
    default:
      return undefined
  }
}

const ambientMembers = new Set([
  'Date.now',
  'Math.random',
  'process.env',
  'performance.now',
  'crypto.randomUUID',
])
const ambientImports = new Set(['randomBytes', 'randomInt', 'randomUUID'])

function ambientOf(node: AstNode): string | undefined {
  if (node.type === 'MemberExpression') {
    const name = `${isNode(node.object) ? node.object.name : ''}.${memberName(node)}`
    return ambientMembers.has(name) ? name : undefined
  }
  if (node.type === 'NewExpression' && named(node.callee, 'Date') && at(node.arguments, 0) === undefined)
    return 'new Date()'
  if (node.type === 'ImportSpecifier' && isNode(node.imported))
    return ambientImports.has(String(node.imported.name)) ? String(node.imported.name) : undefined
  return undefined
}

function at(list: unknown, index: number): unknown {
  return Array.isArray(list) ? list[index] : undefined
}

function named(node: unknown, name: string): boolean {
  return isNode(node) && node.name === name
}

function memberName(node: unknown): unknown {
  return isNode(node) && isNode(node.property) ? node.property.name : undefined
}

function literal(node: unknown): string | undefined {
  return isNode(node) && typeof node.value === 'string' ? node.value : undefined
}
