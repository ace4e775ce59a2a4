export {
  compareDebianVersions,
  type DebianVersion,
  parseDebianVersion,
} from './debian.ts'
export { compareEvr, compareRpmVersions, type Evr, formatEvr, parseEvr } from './rpm.ts'
