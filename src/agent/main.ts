import { run } from './program.ts'

// Not awaited: the bundle is CommonJS, which has no top-level await.
void run(process.argv.slice(2), {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
}).then(status => {
  process.exitCode = status
})
