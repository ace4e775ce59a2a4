export {
  compareDebianVersions,
  type DebianVersion,
} from './debian.ts'
export { compareRpmVersions, type Evr, formatEvr, parseEvr } from './rpm.ts'
