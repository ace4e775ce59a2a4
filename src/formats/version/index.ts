export {
  compareDebianVersions,
  type DebianVersion,
  isValidDebianVersion,
  parseDebianVersion,
} from './debian.ts'
