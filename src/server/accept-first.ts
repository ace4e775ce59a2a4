import type { RequestListener, Server } from 'node:http'

/** How long requests may wait for connections to be accepted, in milliseconds. */
const mostMilliseconds = 50

/** Of Node's server, undocumented: whether a client that ended its side after its request still gets the answer. */
interface HalfOpen {
  httpAllowHalfOpen: boolean
}

/**
 * Answers the requests of a server after every connection that waits has been accepted. libuv accepts one connection
 * each time it looks for events, and hands on every request that has come: with some hundred clients at work, the last
 * of as many who come at once would wait for seconds. A request waits for 50 ms at most, so that new clients without
 * end do not hold up those who are here.
 */
export function acceptFirst(server: Server, answer: RequestListener, now = () => performance.now()): void {
  let waiting: Parameters<RequestListener>[] = []
  let accepting = false
  let accepted = false
  let since = 0

  /** A client's end that is read while its request waits must not cost it the answer. */
  function setAccepting(value: boolean): void {
    accepting = value
    ;(server as Server & HalfOpen).httpAllowHalfOpen = value
  }

  server.on('connection', () => {
    accepted = true
    if (accepting) return
    setAccepting(true)
    since = now()
    setImmediate(lookAgain)
  })

  server.on('request', (request, response) => {
    if (accepting) waiting.push([request, response])
    else answer(request, response)
  })

  /** Runs after each look for events, as long as they bring connections. */
  function lookAgain(): void {
    const again = accepted && now() - since < mostMilliseconds
    accepted = false
    if (again) setImmediate(lookAgain)
    else answerWaiting()
  }

  function answerWaiting(): void {
    const requests = waiting
    waiting = []
    setAccepting(false)
    for (const [request, response] of requests) if (!response.closed) answer(request, response)
  }
}
