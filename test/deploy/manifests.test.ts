// What is deployed: valid, with keys that exist, calling command lines that kmemtop takes, and with no more rights than it says.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { DaemonSet } from 'kubernetes-models/apps/v1/DaemonSet'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { ResourceQuota } from 'kubernetes-models/v1/ResourceQuota'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import type { AgentOptions } from '../../src/cli/commands/agent.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'

const deploy = new URL('../../deploy/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, deploy), 'utf8')
const daemonSet = parse(read('kubernetes/daemonset.yaml'))
const [container] = daemonSet.spec.template.spec.containers

interface PatchOperation {
  readonly op: 'add' | 'replace'
  readonly path: string
  readonly value: unknown
}

/** Applies a JSON patch of `add` at the end of a list and `replace`, as kustomize does. */
function applyPatch(target: object, operations: readonly PatchOperation[]): typeof daemonSet {
  const copy = structuredClone(target)
  for (const { op, path, value } of operations) {
    const keys = path.split('/').slice(1)
    const last = keys.pop()!
    let parent = copy as Record<string, unknown>
    for (const key of keys) parent = parent[key] as Record<string, unknown>
    if (op === 'add' && last === '-') (parent as unknown as unknown[]).push(value)
    else {
      expect(Object.keys(parent), path).toContain(last)
      parent[last] = value
    }
  }
  return copy
}

const unprivileged = applyPatch(daemonSet, parse(read('kubernetes/unprivileged/patch.yaml')))

describe.each([
  ['as it is', daemonSet],
  ['unprivileged', unprivileged],
])('the DaemonSet %s', (_, manifest) => {
  test('is one, to Kubernetes', () => {
    expect(() => new DaemonSet(manifest).validate()).not.toThrow()
  })

  test('starts command lines that kmemtop takes', () => {
    const [{ args, livenessProbe, readinessProbe, ports }] = manifest.spec.template.spec.containers
    const { command, options } = parseCommandLine(args, '0')!
    expect(command.name).toBe('agent')
    const { listen } = options as AgentOptions
    expect(readinessProbe.httpGet).toEqual({ path: '/-/ready', port: ports[0].name })
    expect(livenessProbe.httpGet).toEqual({ path: '/-/healthy', port: ports[0].name })
    expect(ports).toEqual([{ name: 'metrics', containerPort: listen!.port }])
  })

  test('mounts what it names, read-only but for the recordings', () => {
    const { volumes, containers } = manifest.spec.template.spec
    const mounts = containers[0].volumeMounts as readonly { name: string; readOnly?: boolean }[]
    expect(mounts.map(({ name }) => name).sort()).toEqual(volumes.map(({ name }: { name: string }) => name).sort())
    expect(mounts.filter(({ readOnly }) => !readOnly).map(({ name }) => name)).toEqual(['recordings', 'tmp'])
    expect(containers[0].securityContext.readOnlyRootFilesystem).toBe(true)
    expect(containers[0].resources.limits).toMatchObject({ cpu: expect.any(String), memory: expect.any(String) })
  })
})

test('a value of another type is found', () => {
  const wrong = structuredClone(daemonSet)
  wrong.spec.template.spec.containers[0].resources.limits.memory = {}
  expect(() => new DaemonSet(wrong).validate()).toThrow()
})

// The validator takes unknown fields: these are all that are used, each known to Kubernetes.
test('the fields of the container are those that Kubernetes knows', () => {
  expect(Object.keys(container).sort()).toEqual(
    [
      'args',
      'image',
      'imagePullPolicy',
      'livenessProbe',
      'name',
      'ports',
      'readinessProbe',
      'resources',
      'securityContext',
      'volumeMounts',
    ].sort(),
  )
  expect(Object.keys(container.securityContext).sort()).toEqual(['privileged', 'readOnlyRootFilesystem', 'runAsUser'])
  const [{ securityContext }] = unprivileged.spec.template.spec.containers
  expect(securityContext).toEqual({
    privileged: false,
    allowPrivilegeEscalation: false,
    runAsUser: 0,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  })
})

test('the namespace and the kustomizations name files that exist', () => {
  expect(() => new Namespace(parse(read('kubernetes/namespace.yaml'))).validate()).not.toThrow()
  const { resources, images } = parse(read('kubernetes/kustomization.yaml'))
  for (const path of resources) expect(read(`kubernetes/${path}`)).not.toBe('')
  expect(container.image).toBe(`${images[0].name}:${images[0].newTag}`)
  const { patches } = parse(read('kubernetes/unprivileged/kustomization.yaml'))
  for (const { path } of patches) expect(read(`kubernetes/unprivileged/${path}`)).not.toBe('')
})

test('what goes with the DaemonSet is valid, and selects its pods and its port', () => {
  const quota = parse(read('kubernetes/resource-quota.yaml'))
  expect(() => new ResourceQuota(quota).validate()).not.toThrow()
  const { priorityClassName, nodeSelector } = daemonSet.spec.template.spec
  expect(quota.spec.scopeSelector.matchExpressions[0].values).toEqual([priorityClassName])
  expect(nodeSelector).toEqual({ 'kubernetes.io/os': 'linux' })
  const policy = parse(read('kubernetes/network-policy.yaml'))
  expect(() => new NetworkPolicy(policy).validate()).not.toThrow()
  const monitor = parse(read('kubernetes/pod-monitor.yaml'))
  const { labels } = daemonSet.spec.template.metadata
  expect([policy.spec.podSelector, monitor.spec.selector]).toEqual([{ matchLabels: labels }, { matchLabels: labels }])
  const [{ name: port }] = container.ports
  expect([policy.spec.ingress[0].ports, monitor.spec.podMetricsEndpoints]).toMatchObject([[{ port }], [{ port }]])
})

test('the Dockerfile has no errors, and copies what exists', () => {
  const text = read('Dockerfile')
  expect(validate(text)).toEqual([])
  expect(text).toMatch(/^USER kmemtop$/m)
  const sources = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(' '))
  for (const path of sources) expect(spawnSync('test', ['-e', path]).status, path).toBe(0)
})

const noSystemd = spawnSync('systemd-analyze', ['--version']).error ? 'systemd-analyze is not here' : undefined

// Bounds of the exposure level: what listens on loopback is exposed more.
const UNITS = [
  { unit: 'kmemtop.service', command: 'agent', exposure: 2.2 },
  { unit: 'kmemtop-record.service', command: 'record', exposure: 1.5 },
]

for (const { unit, command, exposure } of UNITS) {
  testUnless(noSystemd)(`${unit} is valid and exposed little`, () => {
    const folder = createTemporaryFolder()
    mkdirSync(folder, { recursive: true })
    const file = join(folder, unit)
    writeFileSync(file, read(unit).replace('/usr/local/bin/kmemtop', '/bin/true')) // it must be there to verify
    const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    expect(verified.stderr + verified.stdout).toBe('')
    const { stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' })
    const score = /exposure level for \S+: ([\d.]+)/.exec(stdout + stderr)?.[1]
    expect(Number(score)).toBeLessThanOrEqual(exposure)
  })

  test(`${unit} starts a command line that kmemtop takes`, () => {
    const [, line] = /^ExecStart=\S+kmemtop (.*)$/m.exec(read(unit))!
    expect(parseCommandLine(line!.split(' '), '0')!.command.name).toBe(command)
  })
}
