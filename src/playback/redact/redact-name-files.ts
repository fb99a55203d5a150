// Redacts the files that name pods and containers. The relation of names and IDs stays, so that cgroups still have names.
import { decodeUtf8, splitLines } from '../../base/text.ts'
import { STORAGE_LISTS } from '../../collectors/container-name-reader.ts'
import type { Pseudonyms } from './pseudonyms.ts'

// web-0_shop_nginx-9d1c….log -> /var/log/pods/shop_web-0_3f0c9a51-…/nginx/0.log
const LOG = /^(\/var\/log\/containers\/)([^_/]+)_([^_/]+)_([^/]+)-([0-9a-f]{64})\.log$/
const POD = /^(\/var\/log\/pods\/)([^_/]+)_([^_/]+)_([0-9a-f-]{32,36})(\/.*)?$/s
const OF_ID = /^(\/var\/lib\/docker\/containers\/|\/run\/containerd\/[\w.]+\/k8s\.io\/)([0-9a-f]{64})\/name$/
const K8S = /^k8s_([^_]+)_([^_]+)_([^_]+)_([0-9a-f-]{32,36})((?:_\d+)?)$/

/** Redacts a file of the collector `names`; undefined for an unknown kind of file. */
export function redactNameFile(
  path: string,
  text: string | null,
  pseudonyms: Pseudonyms,
): [string, string | null] | undefined {
  const { redactName: word, redactId: id } = pseudonyms
  const [, logs, pod, namespace, container, containerId] = LOG.exec(decodeUtf8(path)) ?? []
  if (logs !== undefined) {
    const name = `${logs}${word(pod!)}_${word(namespace!)}_${word(container!)}-${id(containerId!)}.log`
    return [name, text && (redactPodPath(text, pseudonyms) ?? '')]
  }
  const redactedPath = redactPodPath(path, pseudonyms)
  if (redactedPath !== undefined) return [redactedPath, text && '']
  const [, directory, ownId] = OF_ID.exec(path) ?? []
  if (directory !== undefined) return [`${directory}${id(ownId!)}/name`, text && redactIdLines(text, pseudonyms)]
  return STORAGE_LISTS.includes(path) ? [path, text && redactIdLines(text, pseudonyms)] : undefined
}

function redactPodPath(path: string, { redactName: word, redactId: id }: Pseudonyms): string | undefined {
  const [, pods, namespace, pod, uid, rest] = POD.exec(decodeUtf8(path)) ?? []
  if (pods === undefined) return undefined
  return `${pods}${word(namespace!)}_${word(pod!)}_${id(uid!)}${rest === undefined || rest === '/' ? (rest ?? '') : '/c/0.log'}`
}

// 9d1c… web, 9d1c… k8s_nginx_web-0_shop_3f0c9a51-…_0
const redactIdLines = (text: string, pseudonyms: Pseudonyms): string =>
  splitLines(decodeUtf8(text))
    .map(line => {
      const [key = '', ...name] = line.split(' ')
      return `${pseudonyms.redactId(key.replace(/[^0-9a-f]/g, ''))} ${redactContainerName(name.join(' '), pseudonyms)}\n`
    })
    .join('')

function redactContainerName(name: string, { redactName: word, redactId: id }: Pseudonyms): string {
  const [, container, pod, namespace, uid, attempt] = K8S.exec(name) ?? []
  if (uid === undefined) return word(name)
  const own = container === 'POD' ? container : word(container!)
  return `k8s_${own}_${word(pod!)}_${word(namespace!)}_${id(uid)}${attempt}`
}
