import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from './run.ts'
import type { Settings } from './settings.ts'

/** The nginx that plays the upstream, and the peer of our own server. */
export interface Nginx {
  url: string
  /** Shows a directory under a name of its root, instead of what was there. */
  show(name: string, directory: string): void
  stop(): Promise<void>
}

/** A port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('loopback gave no port')
  return address.port
}

/** Serves `DIRECTORY/served` on loopback with keep-alive. No open_file_cache: it would show yesterday's state for a minute. */
export async function startNginx(settings: Settings): Promise<Nginx> {
  const home = join(settings.directory, 'nginx')
  const served = join(settings.directory, 'served')
  mkdirSync(home, { recursive: true })
  mkdirSync(served, { recursive: true })
  const port = await freePort()
  writeFileSync(join(home, 'conf'), configuration(home, served, port))
  await run({ program: 'nginx', args: ['-e', join(home, 'error.log'), '-c', join(home, 'conf')] })
  const pid = Number(readFileSync(join(home, 'pid'), 'latin1'))
  return {
    url: `http://127.0.0.1:${port}`,
    show(name, directory) {
      const temporary = join(served, `${name}.new`)
      rmSync(temporary, { force: true })
      symlinkSync(directory, temporary)
      renameSync(temporary, join(served, name))
    },
    async stop() {
      process.kill(pid)
      for (let i = 0; i < 50 && existsSync(join(home, 'pid')); i++) await delay(20)
    },
  }
}

function configuration(home: string, served: string, port: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `${name}_temp_path ${home}/${name};`)
    .join(' ')
  return `pid ${home}/pid; worker_processes 2; daemon on; ${user}
events { worker_connections 2048; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; ${temporary}
  types { } default_type application/octet-stream;
  server { listen 127.0.0.1:${port} backlog=2048; root ${served}; }
}
`
}
