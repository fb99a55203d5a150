// The connections of a server: at most so many, and one that waits for nothing gives its place to a new one. Otherwise whoever opens
// as many as there are places, and sends nothing, keeps everybody else out.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { SECOND } from '../../base/units.ts'
import { createSystemClock } from '../../sampling/clock.ts'

const BUSY_TIME = 10 * SECOND // an answer that takes longer goes to a reader that does not read

interface Connection {
  readonly socket: Socket
  /** when its request had come as a whole; undefined while none is answered */
  busySince?: number | undefined
}

// Of TLS a request has another socket than the connection; both have the address of the client.
const getAddress = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/** Keeps the connections of a server to `places`. A new one ends the oldest that is idle; without one it is refused. */
export function limitConnections(server: Server, places: number): void {
  const clock = createSystemClock()
  const connections = new Map<string, Connection>()
  server.on('connection', (socket: Socket) => {
    const address = getAddress(socket)
    if (connections.size >= places && !endIdle(connections, clock.now())) {
      socket.destroy()
      return
    }
    connections.set(address, { socket })
    socket.once('close', () => connections.get(address)?.socket === socket && connections.delete(address))
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(getAddress(socket))
    if (!connection) return
    connection.busySince = clock.now()
    response.once('close', () => {
      connection.busySince = undefined
    })
  })
}

// In the order in which they came.
function endIdle(connections: Map<string, Connection>, now: number): boolean {
  for (const [address, { socket, busySince }] of connections) {
    if (busySince !== undefined && now - busySince < BUSY_TIME) continue
    connections.delete(address)
    socket.destroy()
    return true
  }
  return false
}
