export * from './archive/index.ts'
export * from './deb/index.ts'
export * from './rpm/index.ts'
export * from './version/index.ts'
