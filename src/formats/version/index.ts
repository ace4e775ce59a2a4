export {
  compareDebianVersions,
  type DebianVersion,
} from './debian.ts'
export { compareEvr, compareRpmVersions, type Evr, formatEvr, parseEvr } from './rpm.ts'
