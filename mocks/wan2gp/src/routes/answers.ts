/** Answers that several routes give: FastAPI's error shapes, and the public root as the caller sees it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson } from '@squall/twin-kit'

/** `{"detail": …}` with a status: what FastAPI makes of an HTTPException. */
export function sendDetail(response: ServerResponse, status: number, detail: unknown): void {
  sendJson(response, status, { detail })
}

/** An exception nobody handled. The app runs with debug on, so the body is a plain-text traceback, not JSON. */
export function sendTraceback(response: ServerResponse, where: string, exception: string): void {
  response
    .writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
    .end(`Traceback (most recent call last):\n  File "gradio/${where}, in push\n${exception}\n`)
}

/** Scheme and host as the client wrote them, without a slash at the end. */
export function rootOf(request: IncomingMessage): string {
  return `http://${request.headers.host ?? 'localhost'}`
}
