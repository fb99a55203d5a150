// A simulated fleet: one server with a path for each node, and the targets that Prometheus scrapes there.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { findFreePort } from '../e2e/free-port.ts'

/** A server of nodes, and its targets. */
export interface SimulatedFleet {
  readonly server: Server
  readonly targets: readonly {
    readonly targets: readonly string[]
    readonly labels: Readonly<Record<string, string>>
  }[]
}

const LEAKING = 20 // the first nodes: an old kernel
const KILLED_EVERY = 10

/** What a node serves: the first twenty run an old kernel and leak; web is killed on every tenth. `caches`: more series. */
function formatMetrics(node: number, seconds: number, caches: number): string {
  const isOld = node < LEAKING
  return [
    `kmemtop_build_info{version="1",kernel="${isOld ? '3.10.0-693.el7' : '6.12.43'}",cgroups="${isOld ? 1 : 2}"} 1`,
    `kmemtop_alert_severity{detector="kmem-leak"} ${isOld ? 3 : 0}`,
    `kmemtop_alert_severity{detector="slab-growth"} 0`,
    ...(isOld ? [`kmemtop_alert_time_left_seconds{detector="kmem-leak",subject="x"} ${3600 * (node + 1)}`] : []),
    `kmemtop_meminfo_bytes{name="MemTotal"} 8e9`,
    `kmemtop_meminfo_bytes{name="MemAvailable"} ${4e9 + node * 1e6}`,
    `kmemtop_meminfo_bytes{name="SUnreclaim"} ${1e9 + (isOld ? seconds * 50_000 : 0)}`,
    ...Array.from(
      { length: caches },
      (_, i) => `kmemtop_slab_cache_bytes{cache="cache-${i}"} ${node * 1000 + i + seconds}`,
    ),
    ...(node % KILLED_EVERY === 0 ? [`kmemtop_oom_kills_total{namespace="shop",pod="web-${node}"} 2`] : []),
    '',
  ].join('\n')
}

/** Starts `count` nodes; each has about six series, and so many caches. */
export async function startSimulatedFleet(count: number, caches = 0): Promise<SimulatedFleet> {
  const port = await findFreePort()
  const begin = performance.now()
  const server = createServer(({ url: path = '' }, response) => {
    response.end(formatMetrics(Number(path.slice(3)), (performance.now() - begin) / 1000, caches))
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const targets = Array.from({ length: count }, (_, i) => ({
    targets: [`127.0.0.1:${port}`],
    labels: { instance: `node-${i}`, __metrics_path__: `/t/${i}` },
  }))
  return { server, targets }
}
