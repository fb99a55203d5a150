// A web server that leaks in a way you choose, and its fixed twin: to see what kmemtop says about each.
//   node server.mjs KIND [--fixed] [--port N] [--log FILE]
// Each request does one piece of work, but for /health. The leaky server forgets to give it back, the fixed one does not.
// The log has a line per request: an error where the server leaks, as of a service that retries and cleans up nothing.
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { kinds } from './kinds.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fixed: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
    log: { type: 'string', default: '/dev/null' },
  },
})
const kind = kinds[positionals[0]]
if (!kind || !/^\d{1,5}$/.test(values.port)) {
  console.error(`usage: node server.mjs KIND [--fixed] [--port N] [--log FILE]\n\nkinds:`)
  for (const [name, { about }] of Object.entries(kinds)) console.error(`  ${name.padEnd(12)}${about}`)
  process.exit(2)
}

const { work, end } = await kind.start(values.fixed)
const log = createWriteStream(values.log, { flags: 'a' })
let requests = 0
function writeLog(path) {
  const isFine = values.fixed || path === '/health'
  const words = isFine ? `INFO GET ${path}` : `ERROR failed to decrypt token for user ${1000 + requests}: bad key`
  log.write(`${new Date().toISOString()} ${words}\n`)
}
const server = createServer(({ url }, response) => {
  requests++
  writeLog(url)
  if (url === '/health') return void response.end('ok\n')
  new Promise(resolve => resolve(work())).then(
    () => response.end('ok\n'),
    error => {
      response.statusCode = 500
      response.end(`${error.message}\n`)
    },
  )
})
server.listen(Number(values.port), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
)
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, async () => {
    await end?.() // files and cgroups would outlive the process
    process.exit(0)
  })
