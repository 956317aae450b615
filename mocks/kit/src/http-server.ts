/**
 * `createServer` of node:http, fetched without an import: an import of the module touches every name it exports, some
 * of which load a whole HTTP client (undici) on the first look. That is more than half of what a twin needs to start
 * (Node 24.21: 90 ms against 7 ms, on a busy machine).
 */
export const { createServer } = process.getBuiltinModule('node:http')
