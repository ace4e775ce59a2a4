import { run } from './program.ts'

// Some versions of Node call what locks our files experimental, each time; a journal is no place for that.
process.removeAllListeners('warning')

// Whoever read went away (`switchyard-agent why | head -1`): nobody is left to tell.
process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1))

// Not awaited: the bundle is CommonJS, which has no top-level await.
void run(process.argv.slice(2), {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
}).then(status => {
  process.exitCode = status
})
