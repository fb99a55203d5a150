#!/usr/bin/env node
'use strict'
// Starts dist/main.js under a Node that is new enough. CommonJS without new syntax: an old Node must be able to read it.
var path = require('path')
var NEEDED = [22, 22]

function isNewEnough(version) {
  var parts = version.split('.').map(Number)
  return parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1])
}

// glibc gives each thread an arena of its own and keeps what is freed in it: some 15 MB that a sick node does not have.
// It reads these when a program starts. Where another libc or the user decides, nothing changes.
function frugal() {
  return Object.assign(
    { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '65536' },
    process.env,
  )
}

// What runs for hours is worth a second start of Node, 25 ms.
function startsFrugally() {
  var command = process.argv[2]
  var staysLong = command === undefined || command === 'record' || command[0] === '-'
  return staysLong && process.execve !== undefined && process.env.MALLOC_ARENA_MAX === undefined
}

function runUnder(node) {
  var arguments_ = [__filename].concat(process.argv.slice(2))
  var child = require('child_process').spawn(node, arguments_, { stdio: 'inherit', env: frugal() })
  var signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  signals.forEach(signal => {
    process.on(signal, () => {
      child.kill(signal)
    })
  })
  child.on('exit', (code, signal) => {
    signals.forEach(name => {
      process.removeAllListeners(name)
    })
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}

// A checkout brings its own Node along; `npm start` finds it by itself, a direct start comes here.
function broughtAlong() {
  var node = path.join(__dirname, '..', 'node_modules', '.bin', 'node')
  return require('fs').existsSync(node) ? node : undefined
}

if (isNewEnough(process.versions.node) && startsFrugally()) {
  process.execve(process.execPath, [process.execPath].concat(process.execArgv, process.argv.slice(1)), frugal())
} else if (isNewEnough(process.versions.node)) {
  // The heap of young objects grows to 48 MB by itself; a monitor is to be small on a node that has no memory.
  require('v8').setFlagsFromString('--semi-space-growth-factor=1')
  import('../dist/main.js').catch(error => {
    if (error && error.code === 'ERR_MODULE_NOT_FOUND' && /dist.main\.js/.test(error.message)) {
      process.stderr.write('kmemtop is not built: run npm ci (or npm run build) in the checkout first.\n')
    } else process.stderr.write('kmemtop: ' + ((error && error.stack) || error) + '\n')
    process.exit(2)
  })
} else if (broughtAlong()) runUnder(broughtAlong())
else {
  process.stderr.write(
    'kmemtop needs Node.js >= ' +
      NEEDED.join('.') +
      ' (this is ' +
      process.version +
      ', ' +
      process.execPath +
      '): in a checkout run npm ci, then npm start; elsewhere install a current Node.js.\n',
  )
  process.exit(2)
}
