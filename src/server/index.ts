export { createServer, type Server, type ServerOptions } from './create-server.ts'
export { serveContent } from './serve-content.ts'
export { channelCommands, clientCommand } from './setup/client-command.ts'
