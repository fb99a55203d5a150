// A web server that leaks in a way you choose, and its fixed twin: to see what kmemtop says about each.
//   node server.mjs KIND [--fixed] [--port N]
// Each request does one piece of work. The leaky server forgets to give it back, the fixed one does not.
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { kinds } from './kinds.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fixed: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
})
const kind = kinds[positionals[0]]
if (!kind || !/^\d{1,5}$/.test(values.port)) {
  console.error(`usage: node server.mjs KIND [--fixed] [--port N]\n\nkinds:`)
  for (const [name, { about }] of Object.entries(kinds)) console.error(`  ${name.padEnd(12)}${about}`)
  process.exit(2)
}

const { work, end } = await kind.start(values.fixed)
const server = createServer((_, response) => {
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
