export { withoutSymbols } from './without-symbols.ts'
