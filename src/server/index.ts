export { createServer, type Server, type ServerOptions } from './create-server.ts'
export { clientCommand } from './setup/client-command.ts'
