export {
  compareDebianVersions,
  type DebianVersion,
} from './debian.ts'
